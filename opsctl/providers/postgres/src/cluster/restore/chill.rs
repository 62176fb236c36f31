//! Emptying the caches that a restore on a fresh machine would not have.

use std::{fs, path::Path};

use opsctl_core::Result;
use rustix::fs::{Advice, fadvise};

use crate::cluster::durable::At;

/// Drops a folder's files from the operating system's cache. Returns how many files, and their bytes.
pub(super) fn drop_from_cache(folder: &Path) -> Result<(u64, u64)> {
    let (mut count, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).at("read", &folder)?.flatten() {
            let path = entry.path();
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if found.is_dir() {
                folders.push(path);
            } else if found.is_file() {
                let file = fs::File::open(&path).at("open", &path)?;
                // Only clean pages can be dropped.
                file.sync_data().at("sync", &path)?;
                fadvise(&file, 0, None, Advice::DontNeed)
                    .map_err(std::io::Error::from)
                    .at("drop from the cache", &path)?;
                count += 1;
                bytes += found.len();
            }
        }
    }
    Ok((count, bytes))
}
