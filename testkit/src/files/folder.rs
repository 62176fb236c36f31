//! Where tests put what has to be written durably but is of no use tomorrow.

use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Containers often have a tiny one; a test of a server needs more.
const ENOUGH: u64 = 4 << 30;

/// A temporary folder in memory where there is plenty, else an ordinary one. Programs that sync every file
/// run many times faster there; what they do is the same.
///
/// # Errors
/// When it can't be created.
pub fn quick_tempdir() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |disk| disk.f_bavail * disk.f_frsize);
    if free >= ENOUGH
        && let Ok(folder) = tempfile::tempdir_in(memory)
    {
        return Ok(folder);
    }
    tempfile::tempdir().context("create a temporary folder")
}
