//! [`Backups`] in the folder `backups/` of an environment.

use std::fs;
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::clock::Clock;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupFinding, BackupRecord, Backups, Pointer, RestoreWindow};
use opsctl_core::{Failure, Result};

use super::take::Taking;
use super::{claim, record, verify};
use crate::files::{self, At};
use crate::places::Places;
use crate::watched::watched;

/// The backups of one environment's SQLite database.
#[derive(Clone)]
pub struct SqliteBackups {
    places: Places,
    pointer: Arc<dyn Pointer>,
    clock: Arc<dyn Clock>,
}

impl SqliteBackups {
    /// Backups of the database that `pointer` names.
    #[must_use]
    pub fn new(places: Places, pointer: Arc<dyn Pointer>, clock: Arc<dyn Clock>) -> Self {
        Self {
            places,
            pointer,
            clock,
        }
    }

    fn names(&self) -> Result<Vec<BackupId>> {
        let folder = self.places.backups();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).at("read", &folder),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.at("read", &folder)?;
            // What begins with a dot is not complete, and no valid name.
            names.extend(BackupId::new(entry.file_name().to_string_lossy()).ok());
        }
        Ok(names)
    }

    async fn take(&self, id: &BackupId, progress: &Progress<'_>) -> Result<BackupRecord> {
        let Some(descriptor) = self.pointer.read().await? else {
            return Err(Failure::usage("this environment has no database yet")
                .left("nothing was backed up")
                .hint("opsctl migrate up"));
        };
        let taking = Taking {
            id,
            source: self.pointer.administrator(&descriptor).await?,
            expected: (descriptor.instance_id, descriptor.lineage_id),
            folder: self.places.partial_backup(id),
            clock: self.clock.as_ref(),
            progress,
        };
        taking.all().await
    }
}

#[async_trait]
impl Backups for SqliteBackups {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let (mut records, mut findings) = (Vec::new(), Vec::new());
        for id in self.names()? {
            match record::read_record(&self.places.backup(&id))? {
                Ok(record) => records.push(record),
                Err(finding) => findings.push((id, finding)),
            }
        }
        records.sort_by(|a: &BackupRecord, b| {
            let key = |r: &BackupRecord| (r.recovery_point.taken_at, r.completed_at, r.id.clone());
            key(a).cmp(&key(b))
        });
        findings.sort_by(|a, b| a.0.cmp(&b.0));
        Ok((records, findings))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        let folder = self.places.backup(id);
        if folder.is_dir() {
            return Ok(match record::read_record(&folder)? {
                Ok(record) => StepState::Done(record),
                Err(finding) => StepState::Foreign(format!(
                    "{}: {}: {}",
                    folder.display(),
                    finding.file,
                    finding.detail
                )),
            });
        }
        if self.places.partial_backup(id).is_dir() {
            return Ok(StepState::InFlight);
        }
        Ok(StepState::Absent)
    }

    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        progress: &Progress<'_>,
    ) -> Result<BackupRecord> {
        files::make_folder(&self.places.backups())?;
        permit.check()?;
        let partial = self.places.partial_backup(id);
        let claim = claim::begin(&partial)?;
        claim::sweep(&self.places.backups())?;
        let taken = match self.take(id, progress).await {
            Ok(record) => permit
                .check()
                .and_then(|()| claim::remove_mark(&partial))
                .and_then(|()| files::rename(&partial, &self.places.backup(id)))
                .map(|()| record),
            Err(failure) => Err(failure),
        };
        if taken.is_err() {
            // A disk that is full must not be kept full by what can't be used.
            drop(files::remove_folder(&partial));
        }
        drop(claim);
        taken.map_err(|failure| {
            failure
                .left("no backup was made, and what was begun is cleared away")
                .runbook("runbooks/backup.md")
        })
    }

    async fn verify(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let folder = self.places.backup(id);
        if !folder.is_dir() {
            return Err(
                Failure::usage(format!("there is no backup '{id}'")).hint("opsctl backup list")
            );
        }
        let total = match record::read_record(&folder)? {
            Ok(record) => record.size_bytes,
            Err(_) => 0,
        };
        watched(progress, total, move |heard| verify::verify(&folder, heard)).await
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        let (folder, doomed) = (self.places.backup(id), self.places.doomed_backup(id));
        permit.check()?;
        files::remove_folder(&doomed)?;
        if folder.is_dir() {
            // In one piece it is no backup any more; half of one is never listed.
            files::rename(&folder, &doomed)?;
            files::remove_folder(&doomed)?;
        }
        Ok(())
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        Ok(None)
    }
}
