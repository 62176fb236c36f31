//! Copies a backup's file to the scratch folder, comparing it with the manifest on the way.

use std::path::PathBuf;

use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupFinding, BackupRecord};
use opsctl_core::{Failure, Result};

use super::marks::Marks;
use crate::backups::{Manifest, read_manifest, read_record};
use crate::files;
use crate::places::DATABASE_FILE;

/// A backup that is about to be read.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    folder: PathBuf,
    pub(super) record: BackupRecord,
    manifest: Manifest,
}

impl Origin {
    /// Finds the backup and reads what it says of itself.
    pub(super) fn find(marks: &Marks, id: &BackupId) -> Result<Self> {
        let folder = marks.places.backup(id);
        if !folder.is_dir() {
            return Err(
                Failure::failed(format!("there is no backup '{id}'")).hint("opsctl backup list")
            );
        }
        let record = read_record(&folder)?.map_err(|finding| broken(id, &finding))?;
        let manifest = read_manifest(&folder, &record)?.map_err(|finding| broken(id, &finding))?;
        Ok(Self {
            folder,
            record,
            manifest,
        })
    }

    pub(super) fn database_file(&self) -> PathBuf {
        self.folder.join(DATABASE_FILE)
    }

    /// Copies the file; what differs from the manifest by one bit never gets the name of a whole file.
    pub(super) fn fetch(&self, marks: &Marks, heard: &dyn Fn(u64)) -> Result<()> {
        let Some(entry) = self
            .manifest
            .files
            .iter()
            .find(|file| file.name == DATABASE_FILE)
        else {
            return Err(damaged(&self.record.id, DATABASE_FILE)
                .cause("the manifest does not name the database's file"));
        };
        let (from, part) = (self.database_file(), marks.part());
        if !from.is_file() {
            return Err(damaged(&self.record.id, &entry.name).cause("the file is gone"));
        }
        let sum = files::copy(&from, &part, heard)?;
        if sum.size != entry.size || sum.sha256 != entry.sha256 {
            files::remove_file(&part)?;
            return Err(damaged(&self.record.id, &entry.name).cause(format!(
                "{} bytes with SHA-256 {}; the manifest says {} bytes with SHA-256 {}",
                sum.size, sum.sha256, entry.size, entry.sha256
            )));
        }
        files::rename(&part, &marks.fetched())
    }
}

fn broken(id: &BackupId, finding: &BackupFinding) -> Failure {
    damaged(id, &finding.file).cause(finding.detail.clone())
}

fn damaged(id: &BackupId, file: &str) -> Failure {
    Failure::failed(format!("backup '{id}' is damaged: {file}"))
        .hint(format!("opsctl backup verify {id}"))
        .hint("opsctl backup list")
        .runbook("runbooks/backup.md")
}
