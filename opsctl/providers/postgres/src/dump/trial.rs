//! A server that lives for one trial: in a folder of its own, without a port, gone with its data whatever happens to opsctl but the
//! folder of a run that was killed, which lies where temporary files lie.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use opsctl_core::ports::DumpFacts;
use opsctl_core::{Failure, Result};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::program::Tools;
use super::snapshot::{rows, schema_version};
use crate::cluster::{ADMINISTRATOR, Account, ServerProgram};
use crate::connect::trouble;
use crate::provision::ROLES;

const DATABASE: &str = "trial";
/// How long a start may take on a machine that is busy with other things.
const START: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(50);

/// Nothing has to survive it.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "max_wal_size=4GB",
    "log_min_messages=fatal",
];

/// The server.
pub struct Trial {
    // Ends before its folder goes.
    _server: ServerProgram,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl Trial {
    pub async fn begin(tools: &Tools) -> Result<Self> {
        let account = Account::of(std::path::Path::new("/"))?;
        let folder = tempfile::Builder::new()
            .prefix("opsctl-export-")
            .tempdir_in(account.temporary_folder())
            .map_err(|error| Failure::failed("no room for a trial").because(error))?;
        account.own(folder.path())?;
        let (data, socket) = (folder.path().join("data"), folder.path().join("run"));
        let binaries = tools.binaries.clone();
        let place = socket.clone();
        let server = tokio::task::spawn_blocking(move || {
            account.create_folder(&place)?;
            ServerProgram::begin(&account, &binaries, &data, &settings(&place))
        });
        let server = server
            .await
            .map_err(|error| Failure::failed("the trial's server is lost").because(error))??;
        let trial = Self {
            _server: server,
            socket,
            _folder: folder,
        };
        trial.furnish().await?;
        Ok(trial)
    }

    /// Where programs connect.
    pub fn url(&self) -> String {
        let socket = self.socket.display();
        format!("postgresql:///{DATABASE}?host={socket}&user={ADMINISTRATOR}")
    }

    async fn connect(&self, database: &str) -> std::result::Result<PgConnection, sqlx::Error> {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .username(ADMINISTRATOR)
            .database(database)
            .application_name("opsctl export")
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging();
        PgConnection::connect_with(&options).await
    }

    async fn furnish(&self) -> Result<()> {
        let began = Instant::now();
        let mut first = loop {
            match self.connect("postgres").await {
                Ok(connection) => break connection,
                Err(error) if began.elapsed() > START => {
                    return Err(Failure::failed("the trial's server does not start").because(error));
                }
                Err(_) => tokio::time::sleep(GLANCE).await,
            }
        };
        sqlx::raw_sql("CREATE DATABASE trial")
            .execute(&mut first)
            .await
            .map_err(trouble("can't make the trial's database"))?;
        sqlx::raw_sql(ROLES)
            .execute(&mut first)
            .await
            .map_err(trouble("can't make the roles that a dump names"))?;
        Ok(())
    }

    /// What differs from what was exported, in words.
    pub async fn compare(&self, facts: &DumpFacts) -> Result<Vec<String>> {
        let connection = self.connect(DATABASE).await;
        let mut connection =
            connection.map_err(trouble("the trial's server does not answer any more"))?;
        let mut differences = Vec::new();
        let schema = schema_version(&mut connection).await?;
        if schema != facts.schema_version {
            let word = |version: Option<i64>| version.map_or("none".into(), |it| it.to_string());
            let (was, is) = (word(facts.schema_version), word(schema));
            differences.push(format!("schema {is} instead of {was}"));
        }
        let found = rows(&mut connection).await?;
        for table in facts.rows.keys().chain(found.keys()) {
            let count = |rows: Option<&u64>| rows.map_or("no table".into(), ToString::to_string);
            let (was, is) = (facts.rows.get(table), found.get(table));
            let word = format!("{table}: {} rows instead of {}", count(is), count(was));
            if was != is && !differences.contains(&word) {
                differences.push(word);
            }
        }
        Ok(differences)
    }
}

fn settings(socket: &std::path::Path) -> Vec<String> {
    let place = format!("unix_socket_directories={}", socket.display());
    let fixed = SETTINGS.iter().map(|it| (*it).to_owned());
    fixed.chain([place]).collect()
}
