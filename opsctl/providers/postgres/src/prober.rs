//! The prober's numbered rows on PostgreSQL: one table in a schema of opsctl's own, there for as long as a drill runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Location, Prober, ProberSession, Sent};
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::connect::{options, pool, trouble};

/// What `pg_stat_activity` shows: a session of opsctl's, which no cut-over waits for.
const NAME: &str = "opsctl prober";

// Apart from `public`: no backup of rows, no comparison and no migration looks there.
const PREPARE: &str = "CREATE SCHEMA IF NOT EXISTS opsctl_prober; \
    CREATE TABLE IF NOT EXISTS opsctl_prober.rows ( \
      operation text NOT NULL, number bigint NOT NULL, \
      written_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (operation, number)); \
    GRANT USAGE ON SCHEMA opsctl_prober TO app_readwrite; \
    GRANT SELECT, INSERT ON opsctl_prober.rows TO app_readwrite";

/// How this machine reaches what the application is told.
pub type Way = Arc<dyn Fn(&Location) -> Result<Location> + Send + Sync>;

/// Writes and reads numbered rows.
#[derive(Clone, Default)]
pub struct PostgresProber {
    way: Option<Way>,
}

impl PostgresProber {
    /// A prober on a machine that the application's own way in (its password, the authority that it trusts) is no good for.
    #[must_use]
    pub fn by(way: Way) -> Self {
        Self { way: Some(way) }
    }
}

#[async_trait]
impl Prober for PostgresProber {
    async fn prepare(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()> {
        permit.check()?;
        run(
            administrator,
            PREPARE,
            "can't make a place for the prober's rows",
        )
        .await
    }

    async fn connect(&self, location: &Location) -> Result<Box<dyn ProberSession>> {
        let location = match &self.way {
            Some(way) => way(location)?,
            None => location.clone(),
        };
        let options = options(&location, NAME)?.disable_statement_logging();
        let connection = PgConnection::connect_with(&options)
            .await
            .map_err(trouble("the prober can't connect"))?;
        Ok(Box::new(Session { connection }))
    }

    async fn kept(
        &self,
        administrator: &Location,
        operation: &OperationId,
    ) -> Result<BTreeSet<u64>> {
        let pool = pool(administrator, NAME).await?;
        let numbers: std::result::Result<Vec<i64>, _> =
            sqlx::query_scalar("SELECT number FROM opsctl_prober.rows WHERE operation = $1")
                .bind(operation.as_str())
                .fetch_all(&pool)
                .await;
        pool.close().await;
        let numbers = numbers.map_err(trouble("can't read the prober's rows"))?;
        Ok(numbers.into_iter().map(i64::unsigned_abs).collect())
    }

    async fn remove(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()> {
        permit.check()?;
        let remove = "DROP SCHEMA IF EXISTS opsctl_prober CASCADE";
        run(administrator, remove, "can't take the prober's rows away").await
    }
}

async fn run(administrator: &Location, sql: &'static str, what: &'static str) -> Result<()> {
    let pool = pool(administrator, NAME).await?;
    let done = sqlx::raw_sql(sql).execute(&pool).await;
    pool.close().await;
    done.map(|_| ()).map_err(trouble(what))
}

struct Session {
    connection: PgConnection,
}

#[async_trait]
impl ProberSession for Session {
    async fn write(&mut self, operation: &OperationId, number: u64) -> Sent {
        let wrote =
            sqlx::query("INSERT INTO opsctl_prober.rows (operation, number) VALUES ($1, $2)")
                .bind(operation.as_str())
                .bind(number.cast_signed())
                .execute(&mut self.connection)
                .await;
        match wrote {
            Ok(_) => Sent::Acknowledged,
            Err(sqlx::Error::Database(error)) if is_a_no(error.code().as_deref()) => {
                Sent::Refused(error.message().to_owned())
            }
            Err(error) => Sent::Unanswered(error.to_string()),
        }
    }

    async fn read(&mut self, operation: &OperationId) -> Result<Option<u64>> {
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT max(number) FROM opsctl_prober.rows WHERE operation = $1")
                .bind(operation.as_str())
                .fetch_one(&mut self.connection)
                .await
                .map_err(trouble("the prober can't read"))?;
        Ok(newest.map(i64::unsigned_abs))
    }
}

/// Whether an error says that the row is not kept. A server that ends a session may have kept it a moment before: the
/// classes 08 (connection), 57P (shutdown) and the code 40003 say nothing of the row.
fn is_a_no(code: Option<&str>) -> bool {
    code.is_some_and(|code| !code.starts_with("08") && !code.starts_with("57P") && code != "40003")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_no_and_a_server_that_goes_away_is_not() {
        for (code, no) in [
            ("25006", true),
            ("42P01", true),
            ("57P01", false),
            ("57P03", false),
            ("08006", false),
            ("40003", false),
        ] {
            assert_eq!(is_a_no(Some(code)), no, "{code}");
        }
        assert!(!is_a_no(None));
    }
}
