//! Files that are either there as a whole or not at all, also after a loss of power.
//!
//! Owns the writing of small files and the words for what goes wrong with files.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use opsctl_core::{Failure, Result};

/// Tells which file an error is about.
pub(crate) trait At<T> {
    /// `action` is a verb: "read", "create".
    fn at(self, action: &str, path: &Path) -> Result<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &str, path: &Path) -> Result<T> {
        self.map_err(|error| {
            let full = matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            );
            let failure =
                Failure::failed(format!("can't {action} {}", path.display())).because(error);
            if full {
                failure.hint(format!("make room on the disk of {}", path.display()))
            } else {
                failure
            }
        })
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

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .at("sync", folder)
}

/// Removes a folder with everything in it; none there is fine.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("remove", folder),
        _ => Ok(()),
    }
}

/// Reads a small text file; `None` when there is none.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("read", path),
    }
}
