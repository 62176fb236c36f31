//! The administrator's session with a cluster, through its socket.

use std::time::Duration;

use opsctl_core::{Failure, Result};
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{
    layout::{ADMINISTRATOR, ClusterFolder},
    record::ClusterRecord,
};

/// How long a server that runs may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Connects to one database of a running cluster.
///
/// # Errors
/// When the server doesn't answer within seconds.
pub async fn connect(
    folder: &ClusterFolder,
    record: &ClusterRecord,
    database: &str,
) -> Result<PgConnection> {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(folder.socket_folder())
        .port(record.socket_port())
        .username(ADMINISTRATOR)
        .database(database)
        .application_name("opsctl")
        .ssl_mode(PgSslMode::Disable)
        .disable_statement_logging();
    let what = || {
        Failure::failed(format!(
            "the database '{database}' in {} does not answer",
            folder.path().display()
        ))
    };
    tokio::time::timeout(LIMIT, PgConnection::connect_with(&options))
        .await
        .map_err(|_| what().cause(format!("no answer within {} s", LIMIT.as_secs())))?
        .map_err(|error| what().because(error))
}

/// Tells what was asked when a database refuses.
pub(crate) trait Asking<T> {
    /// `what` completes "can't …".
    fn asking(self, what: &str) -> Result<T>;
}

impl<T> Asking<T> for std::result::Result<T, sqlx::Error> {
    fn asking(self, what: &str) -> Result<T> {
        self.map_err(|error| Failure::failed(format!("can't {what}")).because(error))
    }
}
