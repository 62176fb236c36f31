//! Restored copies: scratch databases that nobody is served from.

use async_trait::async_trait;

use super::Location;
use crate::clock::Timestamp;
use crate::engine::Progress;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{BackupId, LineageId, OperationId, ScratchName};

/// How far to recover.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "recover", rename_all = "snake_case")]
pub enum RecoveryTarget {
    /// To what the backup itself holds.
    Backup {
        /// Which.
        id: BackupId,
    },
    /// To a point in time, from the newest backup before it.
    Time {
        /// The backup that recovery starts from.
        base: BackupId,
        /// The last commit that comes back is at or before this moment.
        to: Timestamp,
    },
}

impl RecoveryTarget {
    /// The backup that is read.
    #[must_use]
    pub const fn backup(&self) -> &BackupId {
        match self {
            Self::Backup { id } | Self::Time { base: id, .. } => id,
        }
    }
}

/// How a copy is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// Reachable for the administrator alone.
    Quarantined,
    /// Reachable for the application as well, where the descriptor will point.
    Serving,
}

/// A copy that answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Copy {
    /// Its name.
    pub name: ScratchName,
    /// Where the administrator connects.
    pub location: Location,
    /// The new line of history that it began.
    pub lineage_id: LineageId,
    /// What it holds: everything committed at or before this moment, by the source's clock.
    pub recovered_to: Timestamp,
    /// PostgreSQL: the next transaction id at promotion, before any write. A transaction of the source
    /// below it that committed here must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_transaction_id: Option<u64>,
    /// The server's timeline after promotion, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<u32>,
}

/// What there is of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyState {
    /// Nothing.
    Absent,
    /// Files are being put in place, or are left over from a run that died.
    Partial,
    /// All files are there; it can be started.
    Fetched,
    /// It answers.
    Running(Copy),
    /// Something that opsctl did not make.
    Foreign(String),
}

/// The copies of one environment. All of them carry an owner and an expiry.
#[async_trait]
pub trait Copies: Send + Sync {
    /// What there is of the copy.
    async fn state(&self, name: &ScratchName) -> Result<CopyState>;

    /// Puts the files in place, checking every one against the manifest; what starts the engine comes
    /// last, so that a half-fetched copy can't start. Goes on or begins again after a death.
    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<()>;

    /// Recovers and opens it, quarantined, with a new lineage and the role `scratch` before anything else
    /// may connect. Idempotent.
    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        progress: &Progress<'_>,
    ) -> Result<Copy>;

    /// Stops the engine, keeps the files. Idempotent.
    async fn stop(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()>;

    /// Empties the caches that a cold start would not have, of the backup's files and of the copy's own
    /// where there is one; says what was done, in words.
    async fn chill(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
    ) -> Result<String>;

    /// Makes the copy the one that serves: durable settings on, archiving into its own lineage, reachable
    /// for the application; returns where the *application* connects. Idempotent.
    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location>;

    /// Puts an adopted copy back to quarantine; the way back of `adopt`. Idempotent.
    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()>;

    /// Ends it and removes its files. Idempotent. Refuses a copy that was adopted.
    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()>;

    /// Every copy there is, with its owner and expiry, for `doctor` and the reaper.
    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>>;
}
