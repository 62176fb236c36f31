//! The session: one connection, one snapshot.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::migrate::Migration;
use opsctl_core::ports::{
    Buckets, Deletion, Digest, EngineCheck, Fate, Inspection, Inspector, Location, Reading,
    RowDigest, Settings, Structure, Table,
};
use opsctl_core::{Failure, Result};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use super::pace::Pace;
use super::scan::Scan;
use super::text::failed;
use super::{catalogue, engine, structure, traces};

/// Opens SQLite files for proof.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteInspector;

#[async_trait]
impl Inspector for SqliteInspector {
    async fn open(&self, location: &Location, reading: Reading) -> Result<Box<dyn Inspection>> {
        let mut session = connect(location).await?;
        if let Reading::Live { .. } = reading {
            begin(&mut session)
                .await
                .map_err(failed(format!("read {}", location.url)))?;
        }
        let pace = Pace::new(reading);
        Ok(Box::new(SqliteInspection { session, pace }))
    }
}

/// One connection to the file; it is never made, and no statement is kept.
pub(crate) async fn connect(location: &Location) -> Result<SqliteConnection> {
    let what = format!("open {}", location.url);
    let options = SqliteConnectOptions::from_str(&location.url)
        .map_err(failed(&*what))?
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(15))
        .statement_cache_capacity(0)
        .row_buffer_size(512)
        .disable_statement_logging();
    options.connect().await.map_err(failed(what))
}

/// The first read takes the snapshot; writers go on beside it.
async fn begin(session: &mut SqliteConnection) -> std::result::Result<(), sqlx::Error> {
    for sql in ["PRAGMA query_only = ON", "BEGIN"] {
        sqlx::query(sql).execute(&mut *session).await?;
    }
    sqlx::query("SELECT count(*) FROM sqlite_schema")
        .fetch_one(session)
        .await?;
    Ok(())
}

struct SqliteInspection {
    session: SqliteConnection,
    pace: Pace,
}

impl SqliteInspection {
    fn scan<'a>(&'a mut self, table: &'a Table) -> Scan<'a> {
        Scan {
            session: &mut self.session,
            pace: &mut self.pace,
            table,
        }
    }
}

#[async_trait]
impl Inspection for SqliteInspection {
    async fn check_engine(&mut self) -> Result<EngineCheck> {
        Ok(engine::check(&mut self.session).await)
    }

    async fn structure(&mut self) -> Result<Structure> {
        structure::read(&mut self.session).await
    }

    async fn made_by(&mut self, migrations: &[Migration]) -> Result<Structure> {
        let what = "the migrations can't be applied to an empty database";
        let mut empty = SqliteConnection::connect("sqlite::memory:")
            .await
            .map_err(failed(what))?;
        for migration in migrations {
            let sql = AssertSqlSafe(migration.up.clone());
            sqlx::raw_sql(sql)
                .execute(&mut empty)
                .await
                .map_err(failed(what))?;
        }
        structure::read(&mut empty).await
    }

    async fn sequences_behind(&mut self) -> Result<Vec<String>> {
        structure::sequences_behind(&mut self.session).await
    }

    async fn settings(&mut self) -> Result<Settings> {
        structure::settings(&mut self.session).await
    }

    async fn tables(&mut self) -> Result<Vec<Table>> {
        catalogue::tables(&mut self.session).await
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
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        Err(Failure::failed("rows have no versions in SQLite"))
    }

    async fn newest_change(&mut self) -> Result<Option<i64>> {
        traces::newest_change(&mut self.session).await
    }

    async fn changed_since(
        &mut self,
        table: &Table,
        keys: &[String],
        position: i64,
    ) -> Result<BTreeSet<String>> {
        traces::changed_since(&mut self.session, table, keys, position).await
    }

    async fn greatest(&mut self, table: &Table, column: &str) -> Result<Option<i64>> {
        traces::greatest(&mut self.session, table, column).await
    }

    async fn deletions(
        &mut self,
        log: &str,
        table: &Table,
        keys: &[String],
    ) -> Result<Vec<Deletion>> {
        traces::deletions(&mut self.session, log, table, keys).await
    }

    async fn deletions_until(&mut self, log: &str) -> Result<Option<i64>> {
        traces::deletions_until(&mut self.session, log).await
    }

    async fn schema_version(&mut self) -> Result<Option<i64>> {
        traces::schema_version(&mut self.session).await
    }

    async fn heartbeat(&mut self) -> Result<Option<Timestamp>> {
        traces::heartbeat(&mut self.session).await
    }

    async fn close(self: Box<Self>) {
        // Only reads happened: nothing is lost when the goodbye fails.
        drop(self.session.close().await);
    }
}
