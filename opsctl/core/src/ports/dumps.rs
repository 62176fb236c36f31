//! Logical dumps of a database: read out in one piece, and tried out in a server of their own.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{DatabaseIdentity, Location};
use crate::clock::Timestamp;
use crate::failure::Result;

/// What was true at the moment that a dump shows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DumpFacts {
    /// By the source's clock: everything committed before is in the dump. Of a replica the last thing that it has heard.
    pub taken_at: Timestamp,
    /// The newest heartbeat inside.
    pub newest_heartbeat: Option<Timestamp>,
    /// The newest migration inside.
    pub schema_version: Option<i64>,
    /// The server's version, as it says it.
    pub server_version: String,
    /// The program that made it, with its version.
    pub program: String,
    /// What the database takes up where it lies, in bytes.
    pub database_bytes: u64,
    /// The rows of each table.
    pub rows: BTreeMap<String, u64>,
}

/// Bytes, in order, a piece at a time: nobody holds all of them.
#[async_trait]
pub trait Chunks: Send {
    /// The next piece; `None` at the end, which comes only when everything went well.
    async fn next(&mut self) -> Result<Option<Vec<u8>>>;
}

/// A dump under way.
pub struct Dump {
    /// Which database it is of.
    pub identity: DatabaseIdentity,
    /// What is true in it.
    pub facts: DumpFacts,
    /// The dump itself.
    pub chunks: Box<dyn Chunks>,
}

/// Makes dumps and tries them out.
#[async_trait]
pub trait Dumps: Send + Sync {
    /// Begins a dump of the database there: one snapshot for everything in it.
    async fn begin(&self, from: &Location) -> Result<Dump>;

    /// Restores it into an empty server that is gone afterwards, and holds that beside the facts; the differences, in words.
    async fn try_out(&self, dump: Box<dyn Chunks>, facts: &DumpFacts) -> Result<Vec<String>>;
}
