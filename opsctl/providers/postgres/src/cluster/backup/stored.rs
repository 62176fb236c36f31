//! A base backup as it is stored: its files, and `backup.json`, which is written last.

use std::path::{Path, PathBuf};

use opsctl_core::{Failure, Result, names::BackupId, ports::BackupRecord};
use sha2::{Digest, Sha256};

use super::manifest::{Manifest, ManifestFile, WalRange};
use crate::cluster::{account::Account, archive::SegmentName, durable, layout::Layout};

/// PostgreSQL's list of files, inside the backup's data folder.
pub(crate) const MANIFEST: &str = "backup_manifest";
/// What is known of a backup, beside its data folder.
pub const RECORD: &str = "backup.json";

/// What is known of a stored base backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredBackup {
    /// The version of the document.
    pub version: u32,
    /// What everybody may know.
    pub record: BackupRecord,
    /// The log that makes it consistent.
    pub(crate) wal: WalRange,
    /// The files of that log: PostgreSQL's manifest leaves them out.
    pub(crate) wal_files: Vec<ManifestFile>,
    /// The size of a segment of the log.
    pub(crate) segment_size: u64,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Sealed {
    backup: serde_json::Value,
    sha256: String,
}

impl StoredBackup {
    /// The version that this opsctl writes.
    pub const VERSION: u32 = 1;

    /// The first segment of the log that it needs.
    ///
    /// # Errors
    /// When its record holds no position of the log.
    pub fn first_segment(&self) -> Result<SegmentName> {
        self.segment_of(&self.wal.start)
    }

    /// The segment in which it becomes consistent; later log is not part of it.
    ///
    /// # Errors
    /// When its record holds no position of the log.
    pub fn last_segment(&self) -> Result<SegmentName> {
        self.segment_of(&self.wal.end)
    }

    /// The position at which it is consistent.
    pub(crate) fn end(&self) -> Result<u64> {
        crate::cluster::archive::parse_position(&self.wal.end).ok_or_else(|| self.odd_position())
    }

    fn segment_of(&self, position: &str) -> Result<SegmentName> {
        let at =
            crate::cluster::archive::parse_position(position).ok_or_else(|| self.odd_position())?;
        // The end is exclusive: on a border it belongs to the segment before.
        let at = if position == self.wal.end {
            at.saturating_sub(1)
        } else {
            at
        };
        Ok(SegmentName::holding(
            self.wal.timeline,
            at,
            self.segment_size,
        ))
    }

    fn odd_position(&self) -> Failure {
        Failure::failed(format!(
            "the record of backup {} holds no position of the log",
            self.record.id
        ))
    }
}

/// A stored base backup and where it lies.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub folder: PathBuf,
    pub known: StoredBackup,
}

impl Stored {
    /// Finds a backup that is complete; `None` when there is none of that name.
    pub(crate) fn find(layout: &Layout, id: &BackupId) -> Result<Option<Self>> {
        let folder = layout.backup(id);
        if !folder.exists() {
            return Ok(None);
        }
        let path = folder.join(RECORD);
        let damaged = || Failure::failed(format!("{} is damaged", path.display()));
        let Some(text) = durable::read_if_there(&path)? else {
            return Err(damaged().cause("it is missing"));
        };
        let sealed: Sealed =
            serde_json::from_str(&text).map_err(|error| damaged().because(error))?;
        if digest(&sealed.backup)? != sealed.sha256 {
            return Err(damaged().cause("it does not match its own sum"));
        }
        let known: StoredBackup =
            serde_json::from_value(sealed.backup).map_err(|error| damaged().because(error))?;
        if known.record.id != *id {
            return Err(damaged().cause(format!("it is of backup {}", known.record.id)));
        }
        Ok(Some(Self { folder, known }))
    }

    /// The same, where it must be there.
    pub(crate) fn require(layout: &Layout, id: &BackupId) -> Result<Self> {
        Self::find(layout, id)?.ok_or_else(|| {
            Failure::failed(format!("there is no backup {id}")).hint("opsctl backup list")
        })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn manifest(&self) -> Result<Manifest> {
        Manifest::read(&self.data().join(MANIFEST))
    }
}

/// Writes the record of a backup; after this it counts as complete.
pub(super) fn seal(account: &Account, folder: &Path, known: &StoredBackup) -> Result<()> {
    let unwritable = |error: serde_json::Error| {
        Failure::failed("the record of a backup can't be written").because(error)
    };
    let backup = serde_json::to_value(known).map_err(unwritable)?;
    let sha256 = digest(&backup)?;
    let bytes = serde_json::to_vec_pretty(&Sealed { backup, sha256 }).map_err(unwritable)?;
    let path = folder.join(RECORD);
    durable::replace(&path, &bytes)?;
    account.own(&path)
}

fn digest(value: &serde_json::Value) -> Result<String> {
    let bytes = serde_json::to_vec(value).map_err(|error| {
        Failure::failed("the record of a backup can't be written").because(error)
    })?;
    Ok(hex::encode(Sha256::digest(bytes)))
}
