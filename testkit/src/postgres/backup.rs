//! A base backup, and how far a server that begins on one recovers.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{Account, Postgres};

/// The files of a server as they were at one moment. Dropping it removes them.
#[derive(Debug)]
pub struct BaseBackup {
    folder: PathBuf,
    administrator: String,
}

/// How a server comes from the files of a backup to what it serves.
#[derive(Debug, Clone)]
pub enum Recovery<'a> {
    /// To what the backup itself holds.
    OfTheBackup,
    /// On through archived log: to the last commit before a moment, or to the end.
    ThroughLog {
        /// The folder that the log was copied to.
        archive: &'a Path,
        /// As PostgreSQL writes times.
        until: Option<&'a str>,
    },
}

impl BaseBackup {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn administrator(&self) -> &str {
        &self.administrator
    }
}

impl Drop for BaseBackup {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Postgres {
    /// Takes a base backup into a folder that doesn't exist yet; its parent belongs to the server's account.
    ///
    /// # Errors
    /// When the server can't be copied.
    pub fn back_up_into(&self, folder: &Path) -> Result<BaseBackup> {
        self.copy_to(folder)?;
        Ok(BaseBackup {
            folder: folder.to_owned(),
            administrator: self.administrator().to_owned(),
        })
    }

    pub(super) fn copy_to(&self, folder: &Path) -> Result<()> {
        let mut copy = self
            .account()
            .command(&self.binaries().program("pg_basebackup"));
        copy.args(["--checkpoint=fast", "--no-sync", "--wal-method=fetch"])
            .arg("--pgdata")
            .arg(folder)
            .args(["--host=127.0.0.1", "--port", &self.port().to_string()])
            .args(["--username", self.administrator()]);
        run(copy)
    }
}

/// The account's own copy of a folder.
pub(super) fn copy_folder(account: &Account, from: &Path, to: &Path) -> Result<()> {
    let mut copy = account.command(Path::new("/bin/cp"));
    copy.arg("-R").arg(from).arg(to);
    run(copy)
}

fn run(mut command: Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("run {program}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}", errors.trim());
    Ok(())
}
