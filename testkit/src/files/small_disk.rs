//! A disk of a few megabytes, to be filled up.
//!
//! A tmpfs that only root can mount; it is gone when dropped, and its memory with it after a crash of the
//! machine. Without root there is no such disk, and `mount` says so: a test that can't have its fault fails.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// A mounted disk of a fixed size.
#[derive(Debug)]
pub struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Mounts a disk of `megabytes`, open to every account.
    ///
    /// # Errors
    /// When this process isn't root or may not mount.
    pub fn mount(megabytes: u32) -> Result<Self> {
        ensure!(
            rustix::process::geteuid().is_root(),
            "a small disk is a mounted tmpfs: run this test as root"
        );
        let folder = tempfile::tempdir_in("/tmp")?;
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={megabytes}m,mode=0777"))
            .arg("testkit")
            .arg(folder.path())
            .output()
            .context("run mount")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "mount a small disk: {}",
            errors.trim()
        );
        Ok(Self { folder })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills what is left of it; removing the returned file makes room again.
    ///
    /// # Errors
    /// When anything but a full disk stops it.
    pub fn fill(&self) -> Result<PathBuf> {
        let path = self.path().join("filler");
        let mut file = fs::File::create(&path)?;
        let block = [0u8; 4096];
        loop {
            match file.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return Ok(path),
                Err(error) => return Err(error).context("fill the small disk"),
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server may still have a file open there.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.folder.path())
            .output();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_disk_takes_nothing_more_until_room_is_made() {
        let disk = SmallDisk::mount(1).unwrap();
        let filler = disk.fill().unwrap();
        let other = disk.path().join("other");
        let error = fs::write(&other, [0u8; 8192]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        fs::remove_file(filler).unwrap();
        fs::write(&other, [0u8; 8192]).unwrap();
    }
}
