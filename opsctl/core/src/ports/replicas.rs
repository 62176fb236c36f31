//! Replicas: copies that follow the database that serves until they are opened, and are copies like any other from then on.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{CachePorts, Copy, Location, Prober, Standby};
use crate::clock::Timestamp;
use crate::engine::Progress;
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::{LineageId, ScratchName};

/// A replica that is wanted.
#[derive(Debug, Clone)]
pub struct Following {
    /// Its name.
    pub name: ScratchName,
    /// The line of history that it follows.
    pub source: LineageId,
    /// When it may be reaped.
    pub expires_at: Timestamp,
}

/// What there is of a replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaState {
    /// Nothing.
    Absent,
    /// Files are being put in place, or it does not run, or does not follow.
    Partial,
    /// It follows.
    Follows,
    /// It was opened: it is a copy now.
    Opened(Copy),
    /// Something that opsctl did not make.
    Foreign(String),
}

/// How far a replica is, by the log's own positions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// What the source has written down.
    pub source: String,
    /// What the replica has taken over.
    pub replica: String,
    /// What is missing, in bytes.
    pub behind_bytes: u64,
}

impl Position {
    /// The position of a replica that has everything.
    ///
    /// # Errors
    /// When it has not.
    pub fn complete(self, replica: &ScratchName) -> Result<Self> {
        if self.behind_bytes == 0 {
            return Ok(self);
        }
        Err(Failure::failed(format!(
            "the replica {replica} does not get what the database has written"
        ))
        .cause(format!(
            "it is at {}, the database at {}",
            self.replica, self.source
        ))
        .cause(format!("{} bytes are missing", self.behind_bytes)))
    }
}

/// The replicas of one environment. All of them carry an owner and an expiry.
#[async_trait]
pub trait Replicas: Send + Sync {
    /// Refuses where none can be made, before anything is begun. Changes nothing.
    async fn possible(&self) -> Result<()>;

    /// What there is.
    async fn state(&self, name: &ScratchName) -> Result<ReplicaState>;

    /// Copies the source and lets the copy follow, quarantined; returns when it does. Goes on or begins again after a death.
    async fn follow(
        &self,
        permit: &Permit<'_>,
        wanted: &Following,
        progress: &Progress<'_>,
    ) -> Result<Position>;

    /// Waits until the replica has all that the source has written at this moment, and says so. Changes nothing.
    async fn caught_up(&self, name: &ScratchName) -> Result<Position>;

    /// Lets it follow no longer and open, quarantined, with a new lineage and the role `scratch`. Idempotent.
    async fn open(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        progress: &Progress<'_>,
    ) -> Result<Copy>;
}

/// How far databases are in their logs, asked of themselves: what a service says of a replica's lag is a guess in seconds.
#[async_trait]
pub trait LogPositions: Send + Sync {
    /// Waits until `replica` has all that `source` has written at this moment, and no longer than `limit`; says how far it is then.
    async fn catch_up(
        &self,
        source: &Location,
        replica: &Location,
        limit: Duration,
    ) -> Result<Position>;
}

/// What failovers need, where there is something to fail over to.
#[derive(Clone)]
pub struct FailoverPorts {
    /// What users feel.
    pub prober: Arc<dyn Prober>,
    /// Replicas that are made for it.
    pub replicas: Arc<dyn Replicas>,
    /// A standby; `None` where a service keeps none.
    pub standby: Option<Arc<dyn Standby>>,
    /// The cache; `None` where no service keeps one.
    pub cache: Option<CachePorts>,
}
