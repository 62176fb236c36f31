//! Where everything lies in the folder of an environment.

use std::path::{Path, PathBuf};

use opsctl_core::names::{BackupId, LineageId, ScratchName};

/// The database's file, wherever one lies.
pub(crate) const DATABASE_FILE: &str = "app.sqlite3";

/// The folders of one environment.
#[derive(Debug, Clone)]
pub struct Places {
    root: PathBuf,
}

impl Places {
    /// The places below an environment's folder, such as `.opsctl/local`; it should be absolute, because
    /// the application is told paths below it.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The database of a line of history.
    #[must_use]
    pub fn database(&self, lineage: LineageId) -> PathBuf {
        self.database_folder(lineage).join(DATABASE_FILE)
    }

    pub(crate) fn database_folder(&self, lineage: LineageId) -> PathBuf {
        self.root.join("databases").join(lineage.to_string())
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// A complete backup: the folder appears under this name in one piece.
    #[must_use]
    pub fn backup(&self, id: &BackupId) -> PathBuf {
        self.backups().join(id.as_str())
    }

    /// A backup that is being taken.
    pub(crate) fn partial_backup(&self, id: &BackupId) -> PathBuf {
        self.backups().join(format!("{PARTIAL}{id}"))
    }

    /// A backup that is being deleted.
    pub(crate) fn doomed_backup(&self, id: &BackupId) -> PathBuf {
        self.backups().join(format!("{DOOMED}{id}"))
    }

    pub(crate) fn copies(&self) -> PathBuf {
        self.root.join("scratch")
    }

    pub(crate) fn copy(&self, name: &ScratchName) -> PathBuf {
        self.copies().join(name.as_str())
    }

    /// The environment's own folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// Names of backups never begin with a dot, so these can't be taken for one.
pub(crate) const PARTIAL: &str = ".partial-";
/// See [`PARTIAL`].
pub(crate) const DOOMED: &str = ".deleting-";
