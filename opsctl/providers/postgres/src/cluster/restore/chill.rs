//! Emptying the caches that a restore on a fresh machine would not have.

use std::{
    fs,
    path::{Path, PathBuf},
};

use opsctl_core::{Result, names::ScratchName, ports::RecoveryTarget};
use rustix::fs::{Advice, fadvise};

use super::Restorer;
use crate::cluster::{
    backup::Stored,
    durable::At,
    parallel::aside,
    server::Stop,
    server_state::{self, ServerState},
};

impl Restorer {
    /// Empties the caches that a restore on a fresh machine would not have: of the backup and its log, and of
    /// the copy where there is one. A copy that runs is started anew. Says what was done.
    ///
    /// # Errors
    /// When files can't be read.
    pub async fn chill(&self, name: &ScratchName, target: &RecoveryTarget) -> Result<String> {
        let mut folders = vec![self.local.layout.backup(target.backup())];
        if let RecoveryTarget::Time { base, .. } = target {
            let stored = Stored::require(&self.local.layout, base)?;
            folders.push(self.local.layout.archive(stored.known.record.lineage_id));
        }
        let mut ran = false;
        if let Some(record) = self.find(name)? {
            let data = self.local.layout.cluster(record.lineage_id).data();
            ran = server_state::state(&data) != ServerState::Stopped;
            self.halt(&record, name, Stop::Fast).await?;
            folders.push(data);
        }
        let said = aside(|| chill(&folders))?;
        if !ran {
            return Ok(said);
        }
        self.start(name).await?;
        Ok(format!(
            "{said}; the server was started anew, with empty buffers"
        ))
    }
}

/// Drops the files of some folders from the cache; says what was done.
fn chill(folders: &[PathBuf]) -> Result<String> {
    let (mut count, mut bytes) = (0, 0);
    for folder in folders.iter().filter(|folder| folder.exists()) {
        let (files, size) = drop_from_cache(folder)?;
        count += files;
        bytes += size;
    }
    Ok(format!(
        "asked the kernel to drop {count} files ({bytes} bytes) from its page cache \
         (posix_fadvise DONTNEED); the disk's own caches are as they were"
    ))
}

/// Drops a folder's files from the operating system's cache. Returns how many files, and their bytes.
fn drop_from_cache(folder: &Path) -> Result<(u64, u64)> {
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
