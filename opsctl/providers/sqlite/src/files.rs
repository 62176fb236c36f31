//! Files that are either there as a whole or not at all, also after a loss of power.
//!
//! Owns durable writing, copying with a checksum, and the words for what goes wrong with files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use opsctl_core::{Failure, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Tells which file an error is about.
pub(crate) trait At<T> {
    /// `action` is a verb: "read", "create".
    fn at(self, action: &str, path: &Path) -> Result<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &str, path: &Path) -> Result<T> {
        self.map_err(|error| trouble(action, path, &error))
    }
}

fn trouble(action: &str, path: &Path, error: &io::Error) -> Failure {
    use io::ErrorKind as Kind;
    let shown = path.display();
    let failure = Failure::failed(format!("can't {action} {shown}")).because(error);
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => failure.hint(format!(
            "make room on the disk of {shown}, then run it again"
        )),
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
            failure.hint(format!("let the account that runs opsctl write to {shown}"))
        }
        _ => failure.hint("opsctl doctor"),
    }
}

/// Makes a folder and its parents, for the owner alone, durably.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(trouble("make the folder", folder, &error))
        }
        _ => sync_parent(folder),
    }
}

/// Replaces a file by a rename: readers see the old content or the new, never a part.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".writing-")
        .tempfile_in(folder)
        .at("create a file in", folder)?;
    file.write_all(bytes).at("write", path)?;
    file.as_file().sync_all().at("sync", path)?;
    file.persist(path)
        .map_err(|error| error.error)
        .at("put in place", path)?;
    sync_folder(folder)
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .at("sync", folder)
}

/// Makes a change of `path`'s own name durable.
pub(crate) fn sync_parent(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Renames, durably.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).at("put in place", to)?;
    sync_parent(from)?;
    sync_parent(to)
}

/// Removes a folder with everything in it; none there is fine.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(trouble("remove", folder, &error))
        }
        Err(_) => Ok(()),
        Ok(()) => sync_parent(folder),
    }
}

/// Removes a file; none there is fine.
pub(crate) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(trouble("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// JSON for people too: indented, with a last newline.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| Failure::failed("a record can't be written as JSON").because(error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a JSON file; `None` when there is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(trouble("read", path, &error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        Failure::failed(format!("{} can't be read", path.display())).because(error)
    })
}

const BLOCK: usize = 1 << 20;

/// How much was read, and its SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// Reads a file to its end; `heard` is told how far it got and may stop it.
pub(crate) fn sum(path: &Path, heard: &dyn Fn(u64)) -> Result<Sum> {
    drain(path, &mut io::sink(), path, heard)
}

/// Copies a file to a new one, durably, and sums what was copied.
pub(crate) fn copy(from: &Path, to: &Path, heard: &dyn Fn(u64)) -> Result<Sum> {
    let mut target = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(to)
        .at("create", to)?;
    let sum = drain(from, &mut target, to, heard)?;
    target.sync_all().at("sync", to)?;
    Ok(sum)
}

fn drain(from: &Path, into: &mut dyn Write, to: &Path, heard: &dyn Fn(u64)) -> Result<Sum> {
    let mut source = File::open(from).at("read", from)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut size = 0u64;
    loop {
        let read = match source.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(trouble("read", from, &error)),
        };
        hash.update(&block[..read]);
        into.write_all(&block[..read]).at("write", to)?;
        size += read as u64;
        heard(size);
    }
    Ok(Sum {
        size,
        sha256: hex::encode(hash.finalize()),
    })
}
