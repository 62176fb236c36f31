//! Opens pools. Knows each engine's settings; knows nothing about which database is the right one.

use std::str::FromStr;
use std::time::Duration;

use log::LevelFilter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection};

use super::doubt::Doubt;
use super::warm::Warm;
use super::{DatabaseError, Pools, PostgresPool};
use crate::config::{Secret, Strictness, database_is_encrypted};
use crate::secrets::Reread;

/// A connection idle for longer is asked whether it is alive before it is used. Asking always would halve the throughput.
const TRUSTED_IDLE: Duration = Duration::from_secs(60);

/// For a connection to a replica, in whose place the primary answers.
const STOOD_IN_FOR: Duration = Duration::from_secs(1);

/// What the session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    ReadWrite,
    /// Refused by the database itself, not only by this process.
    ReadOnly,
}

/// How pools are opened.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    pub access: Access,
    pub pool_size: u32,
    /// How long a request waits for a connection, and start-up for the first.
    pub timeout: Duration,
    /// After which the server ends a statement: one that runs longer holds a connection that others wait for.
    pub statement_timeout: Duration,
    /// From which on a statement is logged.
    pub slow_query: Duration,
    /// Whether the way to the server may be readable for anybody between.
    pub strictness: Strictness,
    /// To be asked when a log-in is refused.
    pub reread: Reread,
    /// Shown in the database's list of sessions.
    pub application_name: String,
}

/// Opens the pools of the database at `url`. The password of `password` stands above one in the URL.
pub(super) async fn open(
    url: &str,
    password: Option<&Secret>,
    options: &ConnectOptions,
    doubt: &Doubt,
) -> Result<Pools, DatabaseError> {
    if url.starts_with("sqlite:") {
        return open_sqlite(url, options).await;
    }
    let mut connect = postgres(url, options)?;
    if let Some(password) = password {
        connect = connect.password(password.reveal());
    }
    open_postgres(connect, options, doubt.clone()).await
}

async fn open_sqlite(url: &str, options: &ConnectOptions) -> Result<Pools, DatabaseError> {
    let base = SqliteConnectOptions::from_str(url)
        .map_err(|_| DatabaseError::Url {
            problem: "it is no sqlite: URL",
        })?
        // An empty file in place of a lost database would be served as if nothing had happened.
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(options.timeout.min(Duration::from_secs(10)))
        .log_statements(LevelFilter::Debug)
        .log_slow_statements(LevelFilter::Warn, options.slow_query);
    let reader = base.clone().pragma("query_only", "ON");
    let writer = match options.access {
        Access::ReadWrite => base.journal_mode(SqliteJournalMode::Wal),
        Access::ReadOnly => reader.clone(),
    };
    let pool = |size| {
        SqlitePoolOptions::new()
            .max_connections(size)
            .acquire_timeout(options.timeout)
            .acquire_time_level(LevelFilter::Debug)
            .test_before_acquire(false)
    };
    // The writer first: it turns the write-ahead log on.
    let writing = pool(1)
        .connect_with(writer)
        .await
        .map_err(DatabaseError::Connect)?;
    let reading = pool(options.pool_size)
        .connect_with(reader)
        .await
        .map_err(DatabaseError::Connect)?;
    Ok(Pools::Sqlite { reading, writing })
}

/// How a connection to the server at `url` is made.
///
/// # Errors
/// When it is no URL of PostgreSQL, or the way is readable where it must not be.
pub(super) fn postgres(
    url: &str,
    options: &ConnectOptions,
) -> Result<PgConnectOptions, DatabaseError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(DatabaseError::Url {
            problem: "it begins with neither sqlite: nor postgres://",
        });
    }
    if options.strictness == Strictness::Guarded && !database_is_encrypted(url) {
        return Err(DatabaseError::Plaintext);
    }
    let limit = options.statement_timeout.as_millis().to_string();
    // The parser's own message would repeat the URL.
    let mut connect = PgConnectOptions::from_str(url)
        .map_err(|_| DatabaseError::Url {
            problem: "it is no postgres:// URL",
        })?
        .application_name(&options.application_name)
        .options([("statement_timeout", limit.as_str()), ("timezone", "UTC")])
        .log_statements(LevelFilter::Debug)
        .log_slow_statements(LevelFilter::Warn, options.slow_query);
    if options.access == Access::ReadOnly {
        connect = connect.options([("default_transaction_read_only", "on")]);
    }
    Ok(connect)
}

async fn open_postgres(
    connect: PgConnectOptions,
    options: &ConnectOptions,
    doubt: Doubt,
) -> Result<Pools, DatabaseError> {
    let retired = Doubt::new();
    let pool = pool_options(options, doubt.clone(), retired.clone())
        .connect_with(connect)
        .await
        .map_err(DatabaseError::Connect)?;
    let pool = PostgresPool::new(Warm::new(pool, doubt, retired), options.reread.clone());
    Ok(Pools::Postgres(pool))
}

/// For a server that others stand in for: nobody waits long for it. It has no connection yet.
pub(super) fn open_lazily(url: &str, options: &ConnectOptions) -> Result<Warm, DatabaseError> {
    let connect = postgres(url, options)?.options([("default_transaction_read_only", "on")]);
    let (doubt, retired) = (Doubt::new(), Doubt::new());
    let pool = pool_options(options, doubt.clone(), retired.clone())
        .acquire_timeout(options.timeout.min(STOOD_IN_FOR))
        .connect_lazy_with(connect);
    Ok(Warm::new(pool, doubt, retired))
}

fn pool_options(options: &ConnectOptions, doubt: Doubt, retired: Doubt) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(options.pool_size)
        .acquire_timeout(options.timeout)
        // `Warm` measures the whole wait.
        .acquire_slow_level(LevelFilter::Off)
        .test_before_acquire(false)
        .before_acquire(move |connection, usage| {
            let asked_first = usage.idle_for > TRUSTED_IDLE || doubt.covers(usage.age);
            let keep = !retired.covers(usage.age);
            Box::pin(async move {
                if !keep {
                    return Ok(false);
                }
                if asked_first {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
