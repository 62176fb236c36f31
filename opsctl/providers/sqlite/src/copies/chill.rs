//! Takes files out of the machine's cache, as far as a program may.

use std::fs::File;
use std::path::Path;

use opsctl_core::Result;
use rustix::fs::{Advice, fadvise};

use crate::files::At;

/// Drops what the kernel caches of these files; says what was done.
pub(super) fn chill(files: &[(&'static str, &Path)]) -> Result<String> {
    let mut told = Vec::new();
    for (what, path) in files {
        if !path.is_file() {
            continue;
        }
        let file = File::open(path).at("read", path)?;
        // Pages that are not on disk yet can't be dropped.
        file.sync_all().at("sync", path)?;
        fadvise(&file, 0, None, Advice::DontNeed)
            .map_err(std::io::Error::from)
            .at("drop the cache of", path)?;
        let bytes = file.metadata().at("read", path)?.len();
        told.push(format!("{what} ({bytes} bytes)"));
    }
    if told.is_empty() {
        return Ok("nothing to drop from the page cache".to_owned());
    }
    Ok(format!(
        "asked the kernel to drop from its page cache (posix_fadvise DONTNEED): {}; the disk's own \
         caches are as they were",
        told.join(", ")
    ))
}
