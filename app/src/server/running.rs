//! A running service: its listener and the tasks beside it. Stopping first tells whoever sends requests, who is given time to
//! hear it; then waits for the requests in flight, then for the writes, then closes the database and takes the presence away,
//! each within a limit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch::{Sender, channel};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::listening::{Certificate, Listening, renew};
use super::measurements::measurements;
use super::rotation;
use super::serving::serve;
use super::start::{Described, StartError, open_database, parts};
use crate::config::{Config, Role};
use crate::database::presence::{Presence, Process};
use crate::database::watch::Watch;
use crate::database::{ConnectOptions, Database, DatabaseError, Replica, Timestamp, heartbeat};
use crate::http::{AppState, of_auth, of_worker, router};
use crate::secrets::Live;
use crate::telemetry::LIFECYCLE;
use crate::{activity, events, figures, flags, jobs};

/// For requests to end after the listener closed. With what comes before and after, less than the 30 seconds after which
/// Kubernetes kills.
const DRAIN: Duration = Duration::from_secs(15);
/// For the tasks beside the listener to end after that, all together.
const END: Duration = Duration::from_secs(5);
/// For the database to be closed after that.
const CLOSE: Duration = Duration::from_secs(5);

/// The service, listening.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    metrics: SocketAddr,
    database: Database,
    state: AppState,
    /// Tells that no more requests should be sent here.
    leaving: Sender<bool>,
    /// How long they are still taken after that.
    grace: Duration,
    stop: Sender<bool>,
    serving: JoinHandle<()>,
    beside: Vec<JoinHandle<()>>,
    presence: Option<Arc<Presence>>,
}

impl Server {
    /// Opens the database, checks it, listens.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let process_id = Uuid::now_v7();
        let secrets = Live::new(config.secrets.at_start.clone());
        let opened = open_database(&config, process_id, secrets.reread()).await?;
        let database = beside_replica(&config, opened.database, &opened.options)?;
        let (leaving, told_to_leave) = channel(false);
        let (stop, stopping) = channel(false);
        let mut parts = parts(&config, database.clone(), secrets, stopping.clone())?;
        // Its tasks go on for as long as requests are answered.
        parts.stopping = told_to_leave;
        let certificate = config.tls.clone().map(Certificate::read).transpose()?;
        let (listener, address) = bind(config.address).await?;
        if config.public_url.is_none() {
            parts.public_url = format!("http://{address}").into();
        }
        let state = AppState::from(parts);
        let rotation = rotation::follow(&config, &state, &opened.options, stop.subscribe());
        flags::read(&state).await;
        let listener = Listening::new(listener, certificate.as_ref())?;
        let measurements = measurements(&config, &database, &stop).await?;
        announce(&config, address, measurements.address);

        let mut beside = follow(&config, &state, &stop);
        beside.push(tokio::spawn(measurements.serving));
        if config.role.works() {
            beside.extend(events::work(&state, &leaving));
            beside.extend(jobs::work(&state, &leaving));
        } else if config.role != Role::Probe {
            beside.extend(events::tell(&state, &leaving));
        }
        let serving = tokio::spawn(serve(listener, routes(&config, &state), stopping));
        beside.extend(self::beside(&config, process_id, &database, &stop));
        beside.extend(rotation.map(tokio::spawn));
        let renewal = certificate
            .map(|certificate| renew(certificate, config.secrets.interval, stop.subscribe()));
        beside.extend(renewal.map(tokio::spawn));
        if let Some(replica) = database.replica() {
            let watch = Arc::clone(replica).watch(database.clone(), stop.subscribe());
            beside.push(tokio::spawn(watch));
        }
        let mut presence = None;
        if let Some(described) = opened.described {
            let process = describe(&config, process_id, address);
            presence = presence_of(&described, process);
            let known = (&database, state.secrets.clone());
            let watch = watch(described, opened.options, known, presence.clone());
            beside.push(tokio::spawn(watch.follow(stop.subscribe())));
        }
        Ok(Self {
            address,
            metrics: measurements.address,
            database,
            state,
            leaving,
            grace: config.shutdown_grace,
            stop,
            serving,
            beside,
            presence,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its measurements are read.
    pub fn metrics(&self) -> SocketAddr {
        self.metrics
    }

    /// The database it serves from.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What its handlers reach.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Returns when the listener has ended by itself, which it should not.
    pub async fn ended(&mut self) {
        let _ended = (&mut self.serving).await;
    }

    /// Stops: not ready any more, then no new requests, the ones in flight finish, the database is closed.
    pub async fn stop(mut self) {
        self.leaving.send_replace(true);
        tokio::time::sleep(self.grace).await;
        self.stop.send_replace(true);
        if tokio::time::timeout(DRAIN, &mut self.serving)
            .await
            .is_err()
        {
            tracing::warn!("requests were still running when the process stopped");
            self.serving.abort();
        }
        self.end_tasks().await;
        if tokio::time::timeout(CLOSE, self.database.close())
            .await
            .is_err()
        {
            tracing::warn!("the database was still in use when the process stopped");
        }
        if let Some(presence) = &self.presence {
            presence.remove();
        }
        tracing::info!(target: LIFECYCLE, "stopped");
    }

    /// They end by themselves, unless one waits for a database that does not answer.
    async fn end_tasks(&mut self) {
        let deadline = tokio::time::Instant::now() + END;
        for mut task in self.beside.drain(..) {
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                task.abort();
                let _aborted = task.await;
            }
        }
    }
}

/// The listener, and the port that it got.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listen = |error| StartError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    Ok((listener, address))
}

/// The line from which whoever started the process reads its address: one of the first.
fn announce(config: &Config, address: SocketAddr, metrics: SocketAddr) {
    tracing::info!(
        target: LIFECYCLE,
        address = %address,
        metrics = %metrics,
        role = config.role.as_str(),
        environment = config.environment.as_str(),
        tls = config.tls.is_some(),
        "listening"
    );
}

/// The probe looks at the one database it was told of.
fn beside_replica(
    config: &Config,
    database: Database,
    options: &ConnectOptions,
) -> Result<Database, DatabaseError> {
    match &config.replica {
        Some(settings) if config.role != Role::Probe => {
            let replica = Replica::open(&settings.url, options, settings.lag)?;
            Ok(database.beside(Arc::new(replica)))
        }
        _ => Ok(database),
    }
}

fn describe(config: &Config, process_id: Uuid, address: SocketAddr) -> Process {
    Process {
        process_id,
        pid: std::process::id(),
        role: config.role,
        address: address.to_string(),
        started_at: Timestamp::now().with_milliseconds(),
        token_lifetime_seconds: config.jwt_lifetime.as_secs(),
    }
}

/// None for the probe: it looks at a copy that takes no part in cut-overs.
fn presence_of(described: &Described, process: Process) -> Option<Arc<Presence>> {
    let takes_part = process.role != Role::Probe;
    takes_part.then(|| Arc::new(Presence::beside(&described.path, process)))
}

fn watch(
    described: Described,
    options: ConnectOptions,
    (database, secrets): (&Database, Live),
    presence: Option<Arc<Presence>>,
) -> Watch {
    Watch {
        path: described.path,
        options,
        database: database.clone(),
        presence,
        applied: described.descriptor,
        password: described.password,
        secrets,
        stated: None,
    }
}

/// What keeps the memory of this process and the database in step.
fn routes(config: &Config, state: &AppState) -> Router {
    match config.role {
        Role::Worker => of_worker(state.clone()),
        Role::Auth => of_auth(state.clone()),
        Role::All | Role::Api | Role::Probe => router(state.clone()),
    }
}

fn follow(config: &Config, state: &AppState, stop: &Sender<bool>) -> Vec<JoinHandle<()>> {
    let recent = figures::observe(state.clone(), stop.subscribe());
    let mut tasks = vec![
        tokio::spawn(flags::follow(state.clone(), stop.subscribe())),
        tokio::spawn(recent),
    ];
    if config.role != Role::Probe {
        let (activity, figures) = (state.clone(), state.clone());
        tasks.push(tokio::spawn(activity::follow(activity, stop.subscribe())));
        tasks.push(tokio::spawn(figures::follow(figures, stop.subscribe())));
    }
    tasks
}

fn beside(
    config: &Config,
    process_id: Uuid,
    database: &Database,
    stop: &Sender<bool>,
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
