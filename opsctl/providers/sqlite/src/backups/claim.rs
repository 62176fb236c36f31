//! Who works on a backup that is not complete yet. The claim ends with the process, however it ends.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use opsctl_core::{Failure, FailureKind, Result};
use rustix::fs::{FlockOperation, flock};

use crate::files::{self, At};
use crate::places::{DOOMED, PARTIAL};

const CLAIM_FILE: &str = "claim";

/// Held while a backup is being taken.
#[derive(Debug)]
pub(super) struct Claim(#[expect(dead_code, reason = "the lock lives as long as the file")] File);

/// Makes the folder of a backup that is to be taken, empty, and claims it.
pub(super) fn begin(folder: &Path) -> Result<Claim> {
    if folder.is_dir() {
        // What a dead run left can't be trusted: begin again.
        let Some(dead) = claim(folder)? else {
            return Err(Failure::new(
                FailureKind::Locked,
                format!("another process is working in {}", folder.display()),
            )
            .hint("opsctl operation list"));
        };
        files::remove_folder(folder)?;
        drop(dead);
    }
    files::make_folder(folder)?;
    claim(folder)?.ok_or_else(|| {
        Failure::new(
            FailureKind::Locked,
            format!("another process began to work in {}", folder.display()),
        )
    })
}

/// `None` when a living process holds it.
fn claim(folder: &Path) -> Result<Option<Claim>> {
    let path = folder.join(CLAIM_FILE);
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path);
    let file = match opened {
        // Whoever held it is just putting the folder away.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.at("create", &path)?,
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Claim(file))),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(std::io::Error::from(error)).at("lock", &path),
    }
}

/// The claim's file is no part of the backup.
pub(super) fn remove_mark(folder: &Path) -> Result<()> {
    files::remove_file(&folder.join(CLAIM_FILE))
}

/// Clears away what dead runs left: half-taken and half-deleted backups.
pub(super) fn sweep(backups: &Path) -> Result<()> {
    let entries = match fs::read_dir(backups) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).at("read", backups),
    };
    for entry in entries {
        let folder = entry.at("read", backups)?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(DOOMED) {
            files::remove_folder(&folder)?;
        } else if name.starts_with(PARTIAL)
            && let Some(dead) = claim(&folder)?
        {
            files::remove_folder(&folder)?;
            drop(dead);
        }
    }
    Ok(())
}
