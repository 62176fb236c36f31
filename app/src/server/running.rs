//! A running service: its listener and the tasks beside it. Stopping waits for the requests in flight, then for the writes,
//! then closes the database and takes the presence away, each within a limit.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::start::{Described, StartError, open_database, state};
use crate::config::{Config, Role};
use crate::database::presence::{Presence, Process};
use crate::database::watch::Watch;
use crate::database::{ConnectOptions, Database, Timestamp, heartbeat};
use crate::http::router;
use crate::telemetry::LIFECYCLE;

/// For requests to end after the listener closed. Kubernetes kills after 30 seconds.
const DRAIN: Duration = Duration::from_secs(20);
/// For the database to be closed after that.
const CLOSE: Duration = Duration::from_secs(5);

/// The service, listening.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    database: Database,
    stop: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
    following: Option<JoinHandle<Option<Presence>>>,
    beside: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens the database, checks it, listens.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let process_id = Uuid::now_v7();
        let opened = open_database(&config, process_id).await?;
        let database = opened.database;
        let (stop, stopping) = watch::channel(false);
        let state = state(&config, database.clone(), stopping.clone())?;
        let listen = |error| StartError::Listen {
            address: config.address,
            error,
        };
        let listener = TcpListener::bind(config.address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        announce(&config, address);

        let process = describe(&config, process_id, address);
        let following = opened
            .described
            .map(|described| follow(described, opened.options, &database, process, &stop));
        let serving = tokio::spawn(serve(listener, router(state), stopping));
        let beside = beside(&config, process_id, &database, &stop);
        Ok(Self {
            address,
            database,
            stop,
            serving,
            following,
            beside,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database it serves from.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Returns when the listener has ended by itself, which it should not.
    pub async fn ended(&mut self) {
        let _ended = (&mut self.serving).await;
    }

    /// Stops: no new requests, the ones in flight finish, the database is closed.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(DRAIN, &mut self.serving)
            .await
            .is_err()
        {
            tracing::warn!("requests were still running when the process stopped");
            self.serving.abort();
        }
        let presence = match self.following.take() {
            Some(following) => following.await.ok().flatten(),
            None => None,
        };
        for task in self.beside.drain(..) {
            let _ended = task.await;
        }
        if tokio::time::timeout(CLOSE, self.database.close())
            .await
            .is_err()
        {
            tracing::warn!("the database was still in use when the process stopped");
        }
        if let Some(presence) = presence {
            presence.remove();
        }
        tracing::info!(target: LIFECYCLE, "stopped");
    }
}

async fn serve(
    listener: TcpListener,
    router: axum::Router,
    mut stopping: watch::Receiver<bool>,
) -> std::io::Result<()> {
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            let _told = stopping.wait_for(|stop| *stop).await;
        })
        .await
}

/// The first line of the log: whoever started the process reads the address from it.
fn announce(config: &Config, address: SocketAddr) {
    tracing::info!(
        target: LIFECYCLE,
        address = %address,
        role = config.role.as_str(),
        environment = config.environment.as_str(),
        "listening"
    );
}

fn describe(config: &Config, process_id: Uuid, address: SocketAddr) -> Process {
    Process {
        process_id,
        pid: std::process::id(),
        role: config.role,
        address: address.to_string(),
        started_at: Timestamp::now().with_milliseconds(),
    }
}

fn follow(
    described: Described,
    options: ConnectOptions,
    database: &Database,
    process: Process,
    stop: &watch::Sender<bool>,
) -> JoinHandle<Option<Presence>> {
    // The probe looks at a copy that takes no part in cut-overs.
    let takes_part = process.role != Role::Probe;
    let presence = takes_part.then(|| Presence::beside(&described.path, process));
    let watch = Watch {
        path: described.path,
        options,
        database: database.clone(),
        presence,
        applied: described.descriptor,
        password: described.password,
    };
    tokio::spawn(watch.follow(stop.subscribe()))
}

fn beside(
    config: &Config,
    process_id: Uuid,
    database: &Database,
    stop: &watch::Sender<bool>,
) -> Vec<JoinHandle<()>> {
    let identity = heartbeat::watch_identity(database.clone(), stop.subscribe());
    let mut tasks = vec![tokio::spawn(identity)];
    if config.role != Role::Probe {
        let (database, writer) = (database.clone(), process_id.to_string());
        let beat = heartbeat::beat(
            database,
            writer,
            config.heartbeat_interval,
            stop.subscribe(),
        );
        tasks.push(tokio::spawn(beat));
    }
    tasks
}
