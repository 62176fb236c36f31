//! A statement that reads, kept so that it can be asked a second time: at the primary, when the replica fails it.

use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::postgres::{PgArguments, PgQueryResult, PgRow};
use sqlx::{Either, Error, Execute, Executor, PgConnection, Postgres, SqlStr};

use super::PostgresPool;
use super::replica::Progress;

/// Where to go when the replica fails.
#[derive(Debug, Clone)]
pub(super) struct Fallback {
    primary: Box<PostgresPool>,
    progress: Arc<Progress>,
}

impl Fallback {
    pub fn to(primary: PostgresPool, progress: Arc<Progress>) -> Self {
        Self {
            primary: Box::new(primary),
            progress,
        }
    }

    /// The primary, when the failure is the replica's and not the statement's.
    pub fn from(&self, error: &Error) -> Option<&PostgresPool> {
        if !is_the_servers(error) {
            return None;
        }
        self.progress.doubt();
        metrics::counter!("database_replica_failures_total").increment(1);
        Some(&self.primary)
    }
}

fn is_the_servers(error: &Error) -> bool {
    match error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed => true,
        Error::Database(error) => error.code().is_some_and(|code| {
            // A statement that ran into its time limit would only do so again.
            let classes = ["08", "28", "3D", "40", "53", "55", "57", "58"];
            code != "57014" && classes.iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}

/// A statement and what was bound to it.
pub(super) struct Statement {
    sql: SqlStr,
    arguments: Option<PgArguments>,
    persistent: bool,
}

impl Statement {
    pub fn of<'q>(mut query: impl Execute<'q, Postgres>) -> Result<Self, Error> {
        Ok(Self {
            persistent: query.persistent(),
            arguments: query.take_arguments().map_err(Error::Encode)?,
            sql: query.sql(),
        })
    }

    pub async fn fetch_optional(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<PgRow>, Error> {
        match &self.arguments {
            Some(arguments) => {
                let query = sqlx::query_with(self.sql.clone(), arguments.clone());
                let query = query.persistent(self.persistent);
                connection.fetch_optional(query).await
            }
            None => connection.fetch_optional(self.sql.clone()).await,
        }
    }

    pub async fn fetch_many(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<Either<PgQueryResult, PgRow>>, Error> {
        match &self.arguments {
            Some(arguments) => {
                let query = sqlx::query_with(self.sql.clone(), arguments.clone());
                let query = query.persistent(self.persistent);
                connection.fetch_many(query).try_collect().await
            }
            None => connection.fetch_many(self.sql.clone()).try_collect().await,
        }
    }
}
