//! The markers of a copy: whose it is, and what it became.

use std::path::PathBuf;

use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::names::{BackupId, LineageId, OperationId, ScratchName};
use opsctl_core::ports::Copy;

use crate::connect;
use crate::files;
use crate::places::{DATABASE_FILE, Places};

/// Written before anything else: a copy without an owner does not exist.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Owner {
    pub(super) operation: OperationId,
    pub(super) backup: BackupId,
    pub(super) recovered_to: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// Whether a copy serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    Scratch,
    Adopted,
}

/// Written before the copy is opened for the first time: it keeps the lineage that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Birth {
    pub(super) lineage_id: LineageId,
    pub(super) standing: Standing,
}

/// The files of one copy.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    pub(super) places: Places,
    pub(super) name: ScratchName,
}

impl Marks {
    pub(super) fn folder(&self) -> PathBuf {
        self.places.copy(&self.name)
    }

    /// A file that is being copied.
    pub(super) fn part(&self) -> PathBuf {
        self.folder().join(format!("{DATABASE_FILE}.part"))
    }

    /// A whole file that was never opened, or not to its end.
    pub(super) fn fetched(&self) -> PathBuf {
        self.folder().join(format!("{DATABASE_FILE}.fetched"))
    }

    /// The folder gets this name in one step when the copy ends.
    pub(super) fn doomed(&self) -> PathBuf {
        self.places
            .copies()
            .join(format!("{}{}", crate::places::DOOMED, self.name))
    }

    pub(super) fn owner(&self) -> Result<Option<Owner>> {
        files::read_json(&self.folder().join("owner.json"))
    }

    pub(super) fn write_owner(&self, owner: &Owner) -> Result<()> {
        files::make_folder(&self.folder())?;
        files::replace(&self.folder().join("owner.json"), &files::encode(owner)?)
    }

    pub(super) fn birth(&self) -> Result<Option<Birth>> {
        files::read_json(&self.folder().join("copy.json"))
    }

    pub(super) fn write_birth(&self, birth: &Birth) -> Result<()> {
        files::replace(&self.folder().join("copy.json"), &files::encode(birth)?)
    }

    pub(super) fn copy(&self, owner: &Owner, birth: &Birth) -> Copy {
        Copy {
            name: self.name.clone(),
            location: connect::location(&self.places.database(birth.lineage_id)),
            lineage_id: birth.lineage_id,
            recovered_to: owner.recovered_to,
            next_transaction_id: None,
            timeline: None,
        }
    }
}
