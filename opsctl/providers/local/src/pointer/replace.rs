//! Replaces a file so that a reader finds the old content or the new one, and so does a restart.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Holds the lock file beside `path` until dropped: one writer at a time.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(beside(path, ".lock"))?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

/// Puts `bytes` in the place of the file at `path`, durably. The caller holds the lock.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Under the lock nobody else writes here, so what a dead writer left may be overwritten.
    let draft = beside(path, ".draft");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&draft, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// A hidden file in the same folder: a rename across folders would not be atomic for a restart.
fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ending}"))
}
