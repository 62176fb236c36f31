//! The session: one connection; of the live database one snapshot.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::migrate::Migration;
use opsctl_core::ports::{
    Buckets, Deletion, Digest, EngineCheck, Fate, Inspection, Inspector, Location, Reading,
    RowDigest, Settings, Structure, Table,
};
use opsctl_core::{Failure, Result};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::pace::Pace;
use super::scan::Scan;
use super::{catalogue, engine, expected, settings, structure, traces};
use crate::connect::{options, trouble};

/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Values must be printed alike on both sides, whatever the database, the role or the client says; and
/// rows are read from tables, never from indexes, which may be broken.
const ALIKE: &str = "
SET search_path = pg_catalog;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET bytea_output = 'hex';
SET extra_float_digits = 3;
SET xmloption = 'content';
SET lc_monetary = 'C';
SET row_security = off;
SET jit = off;
SET work_mem = '32MB';
SET lock_timeout = '10s';
SET statement_timeout = 0;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_bitmapscan = off;
SET enable_sort = off;
";

/// A copy is read by as many processes as there are.
const QUICK: &str = "
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
";

/// The live database keeps its processes for others.
const GENTLE: &str = "
SET max_parallel_workers_per_gather = 0;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_current_snapshot();
";

/// Opens PostgreSQL databases for proof.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresInspector;

#[async_trait]
impl Inspector for PostgresInspector {
    async fn open(&self, location: &Location, reading: Reading) -> Result<Box<dyn Inspection>> {
        let options = options(location, "opsctl/inspect")?.disable_statement_logging();
        let what = "connect to the database to inspect it";
        let session = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options)).await;
        let mut session = session
            .map_err(|_| Failure::failed(what).cause("nobody answers"))?
            .map_err(trouble(what))?;
        let manner = match reading {
            Reading::Live { .. } => GENTLE,
            Reading::Copy => QUICK,
        };
        for sql in [ALIKE, manner] {
            sqlx::raw_sql(sql)
                .execute(&mut session)
                .await
                .map_err(trouble("prepare to read"))?;
        }
        let pace = Pace::new(reading);
        Ok(Box::new(PostgresInspection { session, pace }))
    }
}

/// Gives the next statement what is left of the time.
///
/// # Errors
/// When nothing is left.
pub(super) async fn ready(session: &mut PgConnection, pace: &Pace) -> Result<()> {
    let Some(left) = pace.left()? else {
        return Ok(());
    };
    let sql = format!(
        "SET statement_timeout = {}",
        left.as_millis().clamp(1, 2_000_000_000)
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(session)
        .await
        .map_err(trouble("limit the time"))?;
    Ok(())
}

struct PostgresInspection {
    session: PgConnection,
    pace: Pace,
}

impl PostgresInspection {
    async fn ready(&mut self) -> Result<&mut PgConnection> {
        ready(&mut self.session, &self.pace).await?;
        Ok(&mut self.session)
    }

    fn scan<'a>(&'a mut self, table: &'a Table) -> Scan<'a> {
        Scan {
            session: &mut self.session,
            pace: self.pace,
            table,
        }
    }
}

#[async_trait]
impl Inspection for PostgresInspection {
    async fn check_engine(&mut self) -> Result<EngineCheck> {
        if self.pace.is_live() {
            return Err(Failure::failed(
                "the engine's checks lock tables: they are for copies",
            ));
        }
        engine::check(&mut self.session).await
    }

    async fn structure(&mut self) -> Result<Structure> {
        structure::read(self.ready().await?).await
    }

    async fn made_by(&mut self, migrations: &[Migration]) -> Result<Structure> {
        if self.pace.is_live() {
            return Err(Failure::failed("migrations are tried on copies alone"));
        }
        expected::read(&mut self.session, migrations).await
    }

    async fn sequences_behind(&mut self) -> Result<Vec<String>> {
        structure::sequences_behind(self.ready().await?).await
    }

    async fn settings(&mut self) -> Result<Settings> {
        settings::read(self.ready().await?).await
    }

    async fn tables(&mut self) -> Result<Vec<Table>> {
        catalogue::tables(self.ready().await?).await
    }

    async fn digests(&mut self, table: &Table, buckets: Buckets) -> Result<Vec<(u32, Digest)>> {
        self.scan(table).digests(buckets).await
    }

    async fn rows(
        &mut self,
        table: &Table,
        count: u32,
        wanted: &[u32],
        change: Option<&str>,
    ) -> Result<Vec<RowDigest>> {
        self.scan(table).rows(count, wanted, change).await
    }

    async fn fates(&mut self, versions: &[u64]) -> Result<Vec<Fate>> {
        traces::fates(self.ready().await?, versions).await
    }

    async fn newest_change(&mut self) -> Result<Option<i64>> {
        // Row versions tell more than a log of rows, and need no trigger.
        Ok(None)
    }

    async fn changed_since(
        &mut self,
        _table: &Table,
        _keys: &[String],
        _position: i64,
    ) -> Result<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }

    async fn greatest(&mut self, table: &Table, column: &str) -> Result<Option<i64>> {
        traces::greatest(self.ready().await?, table, column).await
    }

    async fn deletions(
        &mut self,
        log: &str,
        table: &Table,
        keys: &[String],
    ) -> Result<Vec<Deletion>> {
        traces::deletions(self.ready().await?, log, table, keys).await
    }

    async fn deletions_until(&mut self, _log: &str) -> Result<Option<i64>> {
        Ok(None)
    }

    async fn schema_version(&mut self) -> Result<Option<i64>> {
        traces::schema_version(self.ready().await?).await
    }

    async fn heartbeat(&mut self) -> Result<Option<Timestamp>> {
        traces::heartbeat(self.ready().await?).await
    }

    async fn close(self: Box<Self>) {
        // Only reads happened: nothing is lost when the goodbye fails.
        drop(self.session.close().await);
    }
}
