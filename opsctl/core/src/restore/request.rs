//! What an operator asks of `opsctl restore`.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::names::BackupId;

/// What is to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// What the newest backup holds.
    Newest,
    /// What this backup holds.
    Backup(BackupId),
    /// Everything committed up to this moment.
    Time(Timestamp),
}

/// Where it is to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Beside the live database, for looking at.
    Scratch,
    /// In that second place, from a copy that lies there, for looking at.
    Away(String),
    /// In place of the live database.
    CutOver(CutOverWish),
}

/// How the live database is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOverWish {
    /// What the operator says of the live database.
    pub source: Source,
    /// How long each process may take to acknowledge.
    pub acknowledge_within: Duration,
}

/// Whether the database that is to be replaced still answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It does: it is fenced, and what only it holds is counted.
    Reachable,
    /// It does not: the fence is owed, and nothing can be counted.
    Unreachable,
}

/// One wish to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreRequest {
    /// What is to come back.
    pub point: Point,
    /// Where.
    pub destination: Destination,
}
