//! The database of an environment: a PostgreSQL that opsctl runs from the machine's programs.
//!
//! Owns `opsctl local-postgres start | stop | status`. Never touches a server that it did not set up.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use opsctl_core::{
    Failure, Result,
    names::LineageId,
    ports::{Engine, Isolation, Location},
};
use sqlx::PgConnection;

use super::{
    access,
    account::Account,
    archiver,
    binaries::Binaries,
    configuration::{self, Archiving},
    connection::{Asking, connect},
    durable::At,
    init,
    layout::{APP_LOGIN, ClusterFolder, DATABASE, Layout},
    record::ClusterRecord,
    server::{self, Leash, Lifetime, Stop},
    server_state::{self, ServerState},
};
use crate::provision::ROLES;

/// How long a start may take: it may have to recover after a crash.
const START_LIMIT: Duration = Duration::from_secs(600);

/// How long a server that an earlier run started or stopped may take to get there.
const SETTLING_LIMIT: Duration = Duration::from_secs(600);

/// How often it is looked at.
const POLL: Duration = Duration::from_millis(10);

/// The clusters of one environment on this machine.
#[derive(Debug, Clone)]
pub struct LocalPostgres {
    /// Where everything lies.
    pub layout: Layout,
    /// PostgreSQL's programs.
    pub binaries: Binaries,
    /// How a serving cluster keeps its log.
    pub archiving: Archiving,
    /// The login with which the application is served.
    pub login: String,
    /// Where the application finds the password of its login.
    pub password_file: Option<std::path::PathBuf>,
}

/// What there is to say of a cluster.
#[derive(Debug, Clone, serde::Serialize)]
pub struct LocalStatus {
    /// Which line of history.
    pub lineage_id: LineageId,
    /// The port on 127.0.0.1; 0 when it doesn't listen.
    pub port: u16,
    /// Whether it runs.
    #[serde(flatten)]
    pub server: ServerState,
    /// The version of the programs.
    pub version: String,
    /// PostgreSQL's folder.
    pub data: std::path::PathBuf,
}

impl LocalPostgres {
    /// The account that the servers run under.
    ///
    /// # Errors
    /// When root finds no account to step down to, or it can't reach the folder.
    pub fn account(&self) -> Result<Account> {
        Account::of(self.layout.root())
    }

    /// Creates an empty cluster for a lineage, with the database `app` in it; one that exists is fine. The
    /// port 0 picks a free one and keeps it.
    ///
    /// # Errors
    /// With the words of `initdb` when it fails.
    pub fn create(&self, lineage: LineageId, port: u16) -> Result<ClusterRecord> {
        let account = self.account()?;
        account.create_folder(self.layout.root())?;
        let port = if port == 0 { free_port()? } else { port };
        let record = ClusterRecord::empty(lineage, port);
        init::create(&account, &self.binaries, &self.layout, &record)?;
        self.record(lineage)
    }

    /// Starts the cluster of a lineage so that it outlives opsctl; one that runs is fine.
    ///
    /// # Errors
    /// With the server's last words when it doesn't come up.
    pub async fn start(&self, lineage: LineageId) -> Result<ClusterRecord> {
        let record = self.record(lineage)?;
        self.launch(&record, Lifetime::Detached, START_LIMIT)
            .await?;
        Ok(record)
    }

    /// Stops it in order; one that is stopped is fine.
    ///
    /// # Errors
    /// When it doesn't end.
    pub async fn stop(&self, lineage: LineageId) -> Result<()> {
        server::stop(&self.layout.cluster(lineage).data(), Stop::Fast).await
    }

    /// Stops every server of the environment: the database, those set aside, and copies. Returns those that ran.
    ///
    /// # Errors
    /// When one doesn't end, or a record can't be read.
    pub async fn stop_all(&self) -> Result<Vec<LineageId>> {
        let mut stopped = Vec::new();
        for record in self.records()? {
            let data = self.layout.cluster(record.lineage_id).data();
            if server_state::state(&data) != ServerState::Stopped {
                server::stop(&data, Stop::Fast).await?;
                stopped.push(record.lineage_id);
            }
        }
        Ok(stopped)
    }

    /// Every cluster there is: the database, those set aside, and copies.
    ///
    /// # Errors
    /// When a record can't be read.
    pub fn records(&self) -> Result<Vec<ClusterRecord>> {
        let clusters = self.layout.clusters();
        if !clusters.exists() {
            return Ok(Vec::new());
        }
        let entries = std::fs::read_dir(&clusters).at("read", &clusters)?;
        let lineages = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(LineageId));
        let mut records = Vec::new();
        for lineage in lineages {
            records.extend(ClusterRecord::read(&self.layout.cluster(lineage))?);
        }
        Ok(records)
    }

    /// How it is.
    ///
    /// # Errors
    /// When there is no such cluster.
    pub fn status(&self, lineage: LineageId) -> Result<LocalStatus> {
        let record = self.record(lineage)?;
        let data = self.layout.cluster(lineage).data();
        Ok(LocalStatus {
            lineage_id: lineage,
            port: record.port,
            server: server_state::state(&data),
            version: self.binaries.version().to_string(),
            data,
        })
    }

    /// The record of a cluster.
    ///
    /// # Errors
    /// When there is none.
    pub fn record(&self, lineage: LineageId) -> Result<ClusterRecord> {
        ClusterRecord::read(&self.layout.cluster(lineage))?.ok_or_else(|| {
            Failure::failed(format!("there is no PostgreSQL of lineage {lineage} here"))
                .cause(format!(
                    "{} has no such folder",
                    self.layout.clusters().display()
                ))
                .hint("opsctl local-postgres start")
        })
    }

    /// Gives the application's login the password that the application has, in [`Self::password_file`] (one is
    /// made up where there is none). Where there is no such login yet, nothing is done: but a restored server whose backup
    /// is older than the second login gets it.
    ///
    /// # Errors
    /// When the cluster doesn't answer, or the file can't be read or written.
    pub async fn renew_password(&self, lineage: LineageId) -> Result<()> {
        let Some(file) = &self.password_file else {
            return Ok(());
        };
        let record = self.record(lineage)?;
        let folder = self.layout.cluster(lineage);
        let mut session = connect(&folder, &record, DATABASE).await?;
        let first = knows(&mut session, APP_LOGIN).await?;
        if first && !knows(&mut session, &self.login).await? {
            sqlx::raw_sql(ROLES)
                .execute(&mut session)
                .await
                .asking("make the application's login")?;
        }
        if first {
            let password = access::password_in(file)?;
            access::set_password(&mut session, &self.login, &password).await?;
        }
        Ok(())
    }

    /// Where the application connects to a cluster that serves.
    #[must_use]
    pub fn application(&self, record: &ClusterRecord) -> Location {
        let port = record.port;
        Location {
            engine: Engine::Postgres,
            url: format!("postgres://{}@127.0.0.1:{port}/{DATABASE}", self.login),
            password_file: self.password_file.clone(),
            password_secret: None,
        }
    }

    /// Writes the settings and starts the server, unless it runs.
    pub(crate) async fn launch(
        &self,
        record: &ClusterRecord,
        lifetime: Lifetime,
        limit: Duration,
    ) -> Result<Option<Leash>> {
        let folder = self.layout.cluster(record.lineage_id);
        if self.is_up(&folder).await? {
            return Ok(None);
        }
        let account = self.account()?;
        self.configure(&account, &folder, record)?;
        let leash = server::start(&account, &self.binaries, &folder, lifetime, limit).await?;
        if let (Isolation::Serving, Some(pid)) =
            (record.isolation, server_state::state(&folder.data()).pid())
        {
            server::wake(pid)?;
        }
        Ok(leash)
    }

    /// Whether it takes connections; one that starts or stops at this moment is waited for.
    async fn is_up(&self, folder: &ClusterFolder) -> Result<bool> {
        let deadline = Instant::now() + SETTLING_LIMIT;
        loop {
            match server_state::state(&folder.data()) {
                ServerState::Ready { .. } | ServerState::Standby { .. } => return Ok(true),
                ServerState::Stopped => return Ok(false),
                ServerState::Busy { pid } if Instant::now() > deadline => {
                    return Err(Failure::failed(format!(
                        "the server in {} neither starts nor stops",
                        folder.path().display()
                    ))
                    .left(format!("process {pid} still runs")));
                }
                ServerState::Busy { .. } => tokio::time::sleep(POLL).await,
            }
        }
    }

    fn configure(
        &self,
        account: &Account,
        folder: &ClusterFolder,
        record: &ClusterRecord,
    ) -> Result<()> {
        let archive = self.layout.archive(record.lineage_id);
        let mut archiving = self.archiving.clone();
        if record.isolation == Isolation::Serving {
            account.create_folder(&archive)?;
            archiving = archiver::within_reach(&archiving, account, &self.layout)?;
        }
        configuration::write(account, folder, record, (&archiving, &archive))
    }
}

async fn knows(session: &mut PgConnection, login: &str) -> Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(login)
        .fetch_one(session)
        .await
        .asking("look for the application's login")
}

/// A port on 127.0.0.1 that nobody listens on at this moment.
pub(crate) fn free_port() -> Result<u16> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Failure::failed("no free port on 127.0.0.1").because(error))
}
