//! Under which account PostgreSQL runs. It refuses to run as root, so root steps down.
//!
//! Never creates an account.

use std::{
    fs,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use opsctl_core::{Failure, Result};

use super::durable::At;

/// The account of the server and of every program that touches its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    uid: u32,
    gid: u32,
    steps_down: bool,
}

impl Account {
    /// Ourselves; or for root the owner of `folder`, else `postgres`, else `nobody`.
    ///
    /// # Errors
    /// When root finds no such account, or the account can't get into `folder`.
    pub fn of(folder: &Path) -> Result<Self> {
        let account = Self::choose(folder)?;
        account.must_reach(folder)?;
        Ok(account)
    }

    fn choose(folder: &Path) -> Result<Self> {
        let uid = rustix::process::geteuid().as_raw();
        if uid != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self {
                uid,
                gid,
                steps_down: false,
            });
        }
        // A folder that was set up once stays with its account.
        let owner = fs::metadata(folder)
            .ok()
            .map(|found| (found.uid(), found.gid()))
            .filter(|(uid, _)| *uid != 0);
        let passwd = Path::new("/etc/passwd");
        let accounts = fs::read_to_string(passwd).at("read", passwd)?;
        let (uid, gid) = owner
            .or_else(|| ids_of(&accounts, "postgres"))
            .or_else(|| ids_of(&accounts, "nobody"))
            .ok_or_else(|| {
                Failure::failed("PostgreSQL can't run as root")
                    .cause("there is no account 'postgres' or 'nobody'")
                    .hint("useradd --system postgres")
            })?;
        Ok(Self {
            uid,
            gid,
            steps_down: true,
        })
    }

    /// Fails where the account can't get to a file or folder.
    pub(crate) fn must_reach(&self, path: &Path) -> Result<()> {
        let Some(closed) = self.closed_on_the_way_to(path) else {
            return Ok(());
        };
        Err(Failure::failed("PostgreSQL can't run as root")
            .cause(format!(
                "its account (uid {}) can't enter {}, and needs {}",
                self.uid,
                closed.display(),
                path.display()
            ))
            .hint(format!(
                "chmod o+x {}, or run opsctl as an unprivileged user",
                closed.display()
            )))
    }

    /// Whether it can run a program that lies there.
    pub(crate) fn runs(&self, program: &Path) -> bool {
        let open =
            !self.steps_down || fs::metadata(program).is_ok_and(|it| it.mode() & 0o005 == 0o005);
        open && self.closed_on_the_way_to(program).is_none()
    }

    /// A folder for temporary files that the account can get to.
    pub(crate) fn temporary_folder(&self) -> PathBuf {
        let usual = std::env::temp_dir();
        if self.closed_on_the_way_to(&usual.join("x")).is_none() {
            usual
        } else {
            PathBuf::from("/tmp")
        }
    }

    fn closed_on_the_way_to<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        if !self.steps_down {
            return None;
        }
        path.ancestors().skip(1).find(|ancestor| {
            fs::metadata(ancestor).is_ok_and(|found| {
                let mode = found.mode();
                let enters = (found.uid() == self.uid && mode & 0o100 != 0)
                    || (found.gid() == self.gid && mode & 0o010 != 0)
                    || mode & 0o001 != 0;
                !enters
            })
        })
    }

    /// A command that will run under this account, in a language that can be parsed.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env_remove("PGDATA")
            .env_remove("PGOPTIONS");
        if self.steps_down {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes the account the owner of a file or folder.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        if self.steps_down {
            chown(path, Some(self.uid), Some(self.gid)).at("change the owner of", path)?;
        }
        Ok(())
    }

    /// Creates a folder, and what leads to it, for the account alone. One that exists is fine.
    pub(crate) fn create_folder(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent()
            && !parent.exists()
        {
            self.create_folder(parent)?;
        }
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            created => {
                created.at("create", path)?;
                self.own(path)
            }
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
