//! Files that are wholly there or not at all, and still there after the power failed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Writes `bytes` to a new file at `path`.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when something is there already; nothing is changed then.
pub fn create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let draft = Draft::write(folder, bytes)?;
    // A link is made whole or not at all, and never over another file.
    fs::hard_link(&draft.0, path)?;
    drop(draft);
    sync_folder(folder)
}

/// Makes a folder and its parents, durably. Others may pass through it (a PostgreSQL that root started
/// runs under an account of its own) but not look into it; the files are the owner's alone.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        make_folder(parent)?;
        match fs::DirBuilder::new().mode(0o711).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(parent)?,
        }
    }
    Ok(())
}

/// Makes the entries of a folder durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file under construction: its name begins with a dot, and it goes away with this value.
struct Draft(PathBuf);

impl Draft {
    fn write(folder: &Path, bytes: &[u8]) -> io::Result<Self> {
        let path = folder.join(format!(".draft-{}", Uuid::new_v4().simple()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let draft = Self(path);
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // A draft that stays is never read: its name begins with a dot.
        drop(fs::remove_file(&self.0));
    }
}
