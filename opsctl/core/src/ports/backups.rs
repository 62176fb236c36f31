//! Backups of one environment's database.

use async_trait::async_trait;

use super::Engine;
use crate::clock::Timestamp;
use crate::engine::{Progress, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::{BackupId, InstanceId, LineageId};

/// What a backup brings back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RecoveryPoint {
    /// By the source database's clock: everything committed before is in the backup.
    pub taken_at: Timestamp,
    /// The newest heartbeat inside; `None` when the application never ran.
    pub newest_heartbeat: Option<Timestamp>,
}

/// What a backup knows of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BackupRecord {
    /// Its name.
    pub id: BackupId,
    /// The engine that it is of.
    pub engine: Engine,
    /// What it brings back. Order goes by `taken_at`, never by name.
    pub recovery_point: RecoveryPoint,
    /// When the backup itself was complete.
    pub completed_at: Timestamp,
    /// Its size in bytes, as stored.
    pub size_bytes: u64,
    /// The newest migration inside; `None` when there is none, or when nobody wrote it down.
    pub schema_version: Option<i64>,
    /// The database that it was taken from.
    pub instance_id: InstanceId,
    /// The line of history that it was taken from.
    pub lineage_id: LineageId,
    /// The server's version, as it says it.
    pub engine_version: String,
    /// A SHA-256 over the manifest of all files.
    pub manifest_sha256: String,
}

/// The points in time that can be restored to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RestoreWindow {
    /// The earliest: the end of the oldest base backup that has its log.
    pub from: Timestamp,
    /// The latest: the newest archived commit.
    pub to: Timestamp,
    /// What shrinks the window, in words: missing log segments.
    pub gaps: Vec<String>,
}

/// The second place that backups are copied to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Away {
    /// Where: a region.
    pub place: String,
    /// The complete copies there, under the names of what they are copies of, oldest data first.
    pub backups: Vec<BackupRecord>,
}

/// The kind of fault that a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupFault {
    /// A file is gone.
    Missing,
    /// A file is shorter or longer than its manifest says.
    Size,
    /// A file's content is not what its manifest says.
    Checksum,
    /// The record or manifest itself can't be read.
    Record,
}

/// One fault of a backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BackupFinding {
    /// What kind.
    pub fault: BackupFault,
    /// The file, inside the backup.
    pub file: String,
    /// In words.
    pub detail: String,
}

/// The backups of one environment.
#[async_trait]
pub trait Backups: Send + Sync {
    /// Every backup that is complete, ordered by the time the data was taken, oldest first. A backup whose
    /// record can't be read is not left out: it comes as a finding in the second list.
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)>;

    /// Looks for the backup that an earlier run of the same operation made or began.
    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>>;

    /// Takes a backup named `id`; clears away what a dead run left of it.
    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        progress: &Progress<'_>,
    ) -> Result<BackupRecord>;

    /// Compares every file with the manifest. Changes nothing.
    async fn verify(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>>;

    /// The same, as far as it can be told without restoring anything: what a prune can afford.
    async fn glance(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        self.verify(id, progress).await
    }

    /// Deletes a backup, and log that no other needs. Idempotent.
    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()>;

    /// Whether a service took it by itself and ends it by itself: nobody else deletes it.
    fn keeps_itself(&self, _id: &BackupId) -> bool {
        false
    }

    /// The second place and what is there; `None` where there is none.
    async fn away(&self) -> Result<Option<Away>> {
        Ok(None)
    }

    /// Looks for the copy of a backup in the second place.
    async fn check_away(&self, _id: &BackupId) -> Result<StepState<BackupRecord>> {
        Ok(StepState::Absent)
    }

    /// Copies a backup to the second place, or goes on with what an earlier run began; waits in the queue that there may be.
    async fn copy_away(
        &self,
        _permit: &Permit<'_>,
        id: &BackupId,
        _progress: &Progress<'_>,
    ) -> Result<BackupRecord> {
        let what = format!("there is no second place to copy backup '{id}' to");
        Err(Failure::usage(what))
    }

    /// Deletes a copy in the second place. Idempotent.
    async fn delete_away(&self, _permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        let what = format!("there is no second place to delete the copy of backup '{id}' in");
        Err(Failure::usage(what))
    }

    /// The window for points in time; `None` where the engine has none.
    async fn window(&self) -> Result<Option<RestoreWindow>>;
}
