//! Where base backups and copied log lie: one folder, which goes with the stand-in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use testkit::postgres::Account;
use uuid::Uuid;

/// The folder that everything beside the servers lies in.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    account: Account,
    folder: PathBuf,
}

impl Ground {
    pub fn new() -> Result<Self> {
        let account = Account::choose()?;
        let folder = account.new_folder("rds-")?;
        Ok(Self { account, folder })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A place there for something new of that kind.
    pub fn place(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{kind}-{}", Uuid::new_v4()))
    }
}

/// Copied log; goes when nobody can restore from it any more.
#[derive(Debug)]
pub(super) struct Archive {
    folder: PathBuf,
}

impl Archive {
    pub fn new(ground: &Ground) -> Result<Arc<Self>> {
        let folder = ground.place("archive");
        ground.account.create_folder(&folder)?;
        Ok(Arc::new(Self { folder }))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
