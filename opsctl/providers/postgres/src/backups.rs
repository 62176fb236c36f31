//! The port of backups, on base backups and the archived log of a cluster of this machine.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::{
    Failure, Result,
    engine::{Progress, StepState},
    guard::Permit,
    names::{BackupId, LineageId},
    ports::{BackupFault, BackupFinding, BackupRecord, Backups, Pointer, RestoreWindow},
};

use crate::cluster::{LocalPostgres, backup, restore};

/// The base backups of one environment.
pub struct PostgresBackups {
    local: LocalPostgres,
    pointer: Arc<dyn Pointer>,
}

impl PostgresBackups {
    /// The backups of the database that `pointer` names.
    #[must_use]
    pub fn new(local: LocalPostgres, pointer: Arc<dyn Pointer>) -> Self {
        Self { local, pointer }
    }

    async fn lineage(&self) -> Result<Option<LineageId>> {
        let descriptor = self.pointer.read().await?;
        Ok(descriptor.map(|descriptor| descriptor.lineage_id))
    }
}

#[async_trait]
impl Backups for PostgresBackups {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let (good, bad) = backup::list(&self.local)?;
        let unreadable = |(id, failure): (BackupId, Failure)| {
            let finding = BackupFinding {
                fault: BackupFault::Record,
                file: backup::RECORD.to_owned(),
                detail: failure.to_string(),
            };
            (id, finding)
        };
        Ok((good, bad.into_iter().map(unreadable).collect()))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        Ok(match backup::find(&self.local, id) {
            Ok(Some(known)) => StepState::Done(known.record),
            Ok(None) if backup::is_unfinished(&self.local.layout, id) => StepState::InFlight,
            Ok(None) => StepState::Absent,
            Err(failure) => StepState::Unknown(failure.to_string()),
        })
    }

    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        progress: &Progress<'_>,
    ) -> Result<BackupRecord> {
        let lineage = self.lineage().await?.ok_or_else(|| {
            Failure::failed("the environment has no database yet").hint("opsctl migrate up")
        })?;
        permit.check()?;
        let meter = |done, total| progress.at(done, total, "bytes");
        let known = backup::create(&self.local, lineage, id, &meter).await?;
        Ok(known.record)
    }

    async fn verify(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let meter = |done, total| progress.at(done, total, "bytes");
        backup::verify_files(&self.local, id, &meter)
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        permit.check()?;
        backup::delete(&self.local, id)
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        match self.lineage().await? {
            Some(lineage) => restore::window(&self.local, lineage),
            None => Ok(None),
        }
    }
}
