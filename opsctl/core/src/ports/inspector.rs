//! Reading a database for proof: its engine's checks, its structure, its rows as digests.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;

use super::{
    Buckets, Deletion, Digest, EngineCheck, Fate, Location, RowDigest, Settings, Structure, Table,
};
use crate::clock::Timestamp;
use crate::failure::Result;
use crate::migrate::Migration;

/// How a database is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The live database: one snapshot for everything, throttled, over after this long.
    Live {
        /// The longest that reading may take in all.
        limit: Duration,
    },
    /// A copy that nobody writes to: as fast as it goes; an error in one read does not spoil the next.
    Copy,
}

/// Opens databases for inspection.
#[async_trait]
pub trait Inspector: Send + Sync {
    /// Opens a session that reads.
    ///
    /// # Errors
    /// When nobody answers within seconds.
    async fn open(&self, location: &Location, reading: Reading) -> Result<Box<dyn Inspection>>;
}

/// One session of reading. Whatever it needs for a check it makes in a transaction that is rolled back.
#[async_trait]
pub trait Inspection: Send {
    /// The engine's own checks, and every foreign key against the rows themselves.
    async fn check_engine(&mut self) -> Result<EngineCheck>;

    /// Every object with its definition.
    async fn structure(&mut self) -> Result<Structure>;

    /// Every object that these migrations make of an empty database, where they are applied for a look and
    /// left no trace of.
    async fn made_by(&mut self, migrations: &[Migration]) -> Result<Structure>;

    /// The sequences that would hand out a value that is already there, in words.
    async fn sequences_behind(&mut self) -> Result<Vec<String>>;

    /// Every setting that matters.
    async fn settings(&mut self) -> Result<Settings>;

    /// Every table that holds rows, by name.
    async fn tables(&mut self) -> Result<Vec<Table>>;

    /// The digest of each bucket that is read; empty ones are left out.
    async fn digests(&mut self, table: &Table, buckets: Buckets) -> Result<Vec<(u32, Digest)>>;

    /// The rows of the buckets named, in any order. `change` names the table's change column.
    async fn rows(
        &mut self,
        table: &Table,
        count: u32,
        wanted: &[u32],
        change: Option<&str>,
    ) -> Result<Vec<RowDigest>>;

    /// What became of these transactions here, in their order. Only where rows have versions.
    async fn fates(&mut self, versions: &[u64]) -> Result<Vec<Fate>>;

    /// The newest entry of `row_changes`; `None` where the database keeps none.
    async fn newest_change(&mut self) -> Result<Option<i64>>;

    /// Which of these rows `row_changes` names after that entry.
    async fn changed_since(
        &mut self,
        table: &Table,
        keys: &[String],
        position: i64,
    ) -> Result<BTreeSet<String>>;

    /// The greatest value of a column; `None` when there is no row, or no such column.
    async fn greatest(&mut self, table: &Table, column: &str) -> Result<Option<i64>>;

    /// What a deletion log says of these rows.
    async fn deletions(
        &mut self,
        log: &str,
        table: &Table,
        keys: &[String],
    ) -> Result<Vec<Deletion>>;

    /// The newest entry of a deletion log here, by its place; `None` where places are not counted.
    async fn deletions_until(&mut self, log: &str) -> Result<Option<i64>>;

    /// The newest migration; `None` when there is none.
    async fn schema_version(&mut self) -> Result<Option<i64>>;

    /// The newest heartbeat; `None` when there is none.
    async fn heartbeat(&mut self) -> Result<Option<Timestamp>>;

    /// Ends the session.
    async fn close(self: Box<Self>);
}
