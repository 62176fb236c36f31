//! Who runs the server, and the folder that everything of it lives in.
//!
//! PostgreSQL refuses to run as root, so root hands it to an unprivileged account. Never creates accounts.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// The account that a server runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    uid: u32,
    gid: u32,
    /// Whether this process has to step down to become it.
    steps_down: bool,
}

impl Account {
    /// Ourselves, or for root: `postgres` where there is one, else `nobody`.
    ///
    /// # Errors
    /// When root finds neither in `/etc/passwd`.
    pub fn choose() -> Result<Self> {
        let uid = rustix::process::geteuid().as_raw();
        if uid != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self {
                uid,
                gid,
                steps_down: false,
            });
        }
        let accounts = fs::read_to_string("/etc/passwd").context("read /etc/passwd")?;
        let (uid, gid) = ["postgres", "nobody"]
            .iter()
            .find_map(|name| ids_of(&accounts, name))
            .context("root needs an account 'postgres' or 'nobody' to run PostgreSQL under")?;
        Ok(Self {
            uid,
            gid,
            steps_down: true,
        })
    }

    /// A command that will run under this account.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // Folders of the caller may be closed to the account.
        command.current_dir("/").env("LC_ALL", "C");
        if self.steps_down {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes the account the owner of a file or folder.
    ///
    /// # Errors
    /// When the owner can't be changed.
    pub fn own(&self, path: &Path) -> Result<()> {
        if self.steps_down {
            chown(path, Some(self.uid), Some(self.gid))
                .with_context(|| format!("hand {} to the server's account", path.display()))?;
        }
        Ok(())
    }

    /// Creates a folder that only the account may enter (and root).
    ///
    /// # Errors
    /// When it can't be created.
    pub fn create_folder(&self, path: &Path) -> Result<()> {
        fs::DirBuilder::new()
            .mode(0o700)
            .create(path)
            .with_context(|| format!("create {}", path.display()))?;
        self.own(path)
    }

    /// A new folder of the account's own beside its servers; whoever asks for it takes it away again.
    ///
    /// # Errors
    /// When it can't be created.
    pub fn new_folder(&self, prefix: &str) -> Result<PathBuf> {
        let folder = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(self.root_folder()?)?
            .keep();
        self.own(&folder)?;
        Ok(folder)
    }

    /// The folder of templates and servers: one an account and machine, kept between runs.
    pub(super) fn root_folder(&self) -> Result<PathBuf> {
        let root = self
            .temporary_folder()
            .join(format!("testkit-postgres-{}", self.uid));
        if !root.exists()
            && let Err(error) = self.create_folder(&root)
            && !root.exists()
        {
            return Err(error);
        }
        let found = fs::symlink_metadata(&root)?;
        // The name can be guessed, and /tmp belongs to everybody.
        ensure!(
            found.is_dir() && [self.uid, 0].contains(&found.uid()),
            "{} belongs to somebody else: remove it, or set TMPDIR",
            root.display()
        );
        Ok(root)
    }

    fn temporary_folder(&self) -> PathBuf {
        let usual = std::env::temp_dir();
        let open_to_all = usual.ancestors().all(|folder| {
            fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 != 0)
        });
        if open_to_all || !self.steps_down {
            usual
        } else {
            PathBuf::from("/tmp")
        }
    }
}

fn ids_of(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let line = accounts
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_by_the_whole_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\npostgres2:x:9:9::/:\npostgres:x:101:104::/:\n";
        assert_eq!(ids_of(accounts, "postgres"), Some((101, 104)));
        assert_eq!(ids_of(accounts, "nobody"), None);
    }
}
