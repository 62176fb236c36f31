//! The file that holds the secrets of a service.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Result;

/// In a folder of its own.
pub struct SecretsFile {
    folder: tempfile::TempDir,
}

impl SecretsFile {
    pub fn of(secrets: &[(&str, &str)]) -> Result<Self> {
        let file = Self {
            folder: tempfile::tempdir()?,
        };
        file.write(secrets)?;
        Ok(file)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("secrets.json")
    }

    /// In one step: readers see the old secrets or the new.
    pub fn write(&self, secrets: &[(&str, &str)]) -> Result<()> {
        let secrets: BTreeMap<_, _> = secrets.iter().copied().collect();
        let temporary = self.folder.path().join("secrets.json.new");
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600);
        serde_json::to_writer(file.open(&temporary)?, &secrets)?;
        std::fs::rename(temporary, self.path())?;
        Ok(())
    }
}
