//! Putting the files of a base backup in place, each checked while it is copied.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

use crate::cluster::{
    account::Account,
    archive::{read_segment, stored_as},
    backup::{ManifestFile, Stored},
    durable::At,
    parallel::{self, Meter},
};

/// Without it no server starts; so it comes last.
const CONTROL: &str = "global/pg_control";

/// Where the control file waits until everything else is in place.
fn waiting_control(data: &Path) -> PathBuf {
    data.join("global/pg_control.waiting")
}

/// Whether every file is in place.
pub(super) fn is_whole(data: &Path) -> bool {
    data.join(CONTROL).exists()
}

/// Copies a backup's files, all but the last step.
pub(super) fn copy(
    account: &Account,
    stored: &Stored,
    data: &Path,
    more: u64,
    meter: Meter<'_>,
) -> Result<()> {
    let manifest = stored.manifest()?;
    if manifest.sha256 != stored.known.record.manifest_sha256 {
        return Err(damaged(
            stored,
            "backup_manifest",
            "it is not the one that was recorded",
        ));
    }
    create_folders(account, &stored.data(), data)?;
    let mut files: Vec<&ManifestFile> = manifest
        .files
        .iter()
        .chain(&stored.known.wal_files)
        .collect();
    // The largest first, so that no thread is left alone with one at the end.
    files.sort_by_key(|file| std::cmp::Reverse(file.size));
    let total = files.iter().map(|file| file.size).sum::<u64>();
    must_fit(data, total + more)?;
    let done = AtomicU64::new(0);
    parallel::each(&files, |file| {
        let target = if file.path == Path::new(CONTROL) {
            waiting_control(data)
        } else {
            data.join(&file.path)
        };
        copy_one(account, stored, file, &target)?;
        meter(
            done.fetch_add(file.size, Ordering::Relaxed) + file.size,
            total,
        );
        Ok(())
    })
    .map(drop)
}

/// Puts archived log in place, over what the backup brought of the same segments.
pub(super) fn copy_log(
    account: &Account,
    archive: &Path,
    names: &[String],
    data: &Path,
    meter: Meter<'_>,
) -> Result<()> {
    let done = AtomicU64::new(0);
    parallel::each(names, |name| {
        let stored = stored_as(archive, name);
        if !stored.exists() {
            return Err(
                Failure::failed(format!("segment {name} is gone from the archive"))
                    .left("the copy is unfinished and can't start"),
            );
        }
        let content = read_segment(&stored)?;
        let target = data.join("pg_wal").join(name);
        let mut file = create(&target)?;
        file.write_all(&content).at("write", &target)?;
        account.own(&target)?;
        meter(done.fetch_add(1, Ordering::Relaxed) + 1, names.len() as u64);
        Ok(())
    })
    .map(drop)
}

/// The last step: from now on a server may start.
pub(super) fn complete(data: &Path) -> Result<()> {
    let control = data.join(CONTROL);
    fs::rename(waiting_control(data), &control).at("put in place", &control)
}

fn create_folders(account: &Account, from: &Path, to: &Path) -> Result<()> {
    account.create_folder(to)?;
    for entry in fs::read_dir(from).at("read", from)?.flatten() {
        if entry.path().is_dir() {
            create_folders(account, &entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Better refused before than failed in the middle.
fn must_fit(data: &Path, needed: u64) -> Result<()> {
    let free = rustix::fs::statvfs(data)
        .map(|disk| disk.f_bavail * disk.f_frsize)
        .map_err(std::io::Error::from)
        .at("measure the disk of", data)?;
    if free >= needed {
        return Ok(());
    }
    Err(Failure::failed("the disk is too small for the copy")
        .cause(format!("{needed} bytes are needed, {free} are free"))
        .hint(format!("make room on the disk of {}", data.display())))
}

fn copy_one(account: &Account, stored: &Stored, file: &ManifestFile, target: &Path) -> Result<()> {
    let name = file.path.display().to_string();
    let source = stored.data().join(&file.path);
    let mut from = match File::open(&source) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(damaged(stored, &name, "it is gone"));
        }
        opened => opened.at("read", &source)?,
    };
    let mut to = create(target)?;
    let mut buffer = vec![0u8; 256 << 10];
    let (mut digest, mut size) = (Sha256::new(), 0u64);
    loop {
        let read = from.read(&mut buffer).at("read", &source)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        to.write_all(&buffer[..read]).at("write", target)?;
        size += read as u64;
    }
    account.own(target)?;
    if size != file.size {
        let detail = format!("{size} bytes, not {}", file.size);
        return Err(damaged(stored, &name, &detail));
    }
    if hex::encode(digest.finalize()) != file.sha256 {
        return Err(damaged(
            stored,
            &name,
            "its content does not match its SHA-256",
        ));
    }
    Ok(())
}

fn damaged(stored: &Stored, file: &str, why: &str) -> Failure {
    Failure::new(
        opsctl_core::FailureKind::PromiseBroken,
        format!("backup {} is damaged: {file}", stored.known.record.id),
    )
    .cause(why)
    .left("the copy is unfinished and can't start; the live database was not touched")
    .hint("opsctl backup list")
}

fn create(path: &Path) -> Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .at("create", path)
}
