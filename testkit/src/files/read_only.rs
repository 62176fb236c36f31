//! A folder that can't be written to for a while.
//!
//! Root ignores modes, so for root it is mounted over itself, read-only; for others the mode does it.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// Keeps a folder read-only until it is dropped.
#[derive(Debug)]
pub struct ReadOnly {
    folder: PathBuf,
    mounted: bool,
}

impl ReadOnly {
    /// Closes a folder.
    ///
    /// # Errors
    /// When it can't be closed.
    pub fn make(folder: &Path) -> Result<Self> {
        let closed = Self {
            folder: folder.to_owned(),
            mounted: rustix::process::geteuid().is_root(),
        };
        if closed.mounted {
            mount(&["--bind"], Some(folder), folder)?;
            mount(&["-o", "remount,bind,ro"], None, folder)?;
        } else {
            fs::set_permissions(folder, Permissions::from_mode(0o555))?;
        }
        Ok(closed)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        // What is left shows up when the folder is removed.
        if self.mounted {
            let _ = Command::new("umount").arg(&self.folder).status();
        } else {
            let _ = fs::set_permissions(&self.folder, Permissions::from_mode(0o755));
        }
    }
}

fn mount(options: &[&str], what: Option<&Path>, place: &Path) -> Result<()> {
    let mut mount = Command::new("mount");
    mount.args(options).args(what).arg(place);
    let output = mount.output().context("run mount")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "mount: {}", errors.trim());
    Ok(())
}
