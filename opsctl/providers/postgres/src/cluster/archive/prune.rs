//! Deleting log that no kept base backup needs.

use std::{fs, path::Path};

use opsctl_core::Result;

use super::{
    commits::names_in,
    name::{SegmentName, WalFile},
    segment::stored_as,
};
use crate::cluster::durable::{At, sync_folder};

/// Deletes every segment before `keep_from`, the first segment that the oldest kept base backup needs.
/// Histories of timelines stay: they are tiny, and without them later log can't be read. Returns the names.
///
/// # Errors
/// When a file can't be deleted.
pub fn prune_archive(archive: &Path, keep_from: SegmentName) -> Result<Vec<String>> {
    let mut deleted = Vec::new();
    for name in names_in(archive)? {
        let first = match WalFile::parse(&name) {
            Ok(WalFile::Segment(segment)) => segment,
            // The label of a backup begins with the name of its first segment.
            Ok(WalFile::Other) => SegmentName::parse(&name[..24])?,
            _ => continue,
        };
        if first.timeline <= keep_from.timeline && first < keep_from {
            let path = stored_as(archive, &name);
            fs::remove_file(&path).at("delete", &path)?;
            deleted.push(name);
        }
    }
    if !deleted.is_empty() {
        sync_folder(archive)?;
    }
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_log_before_the_oldest_kept_backup_goes() {
        let archive = tempfile::tempdir().unwrap();
        let names = [
            "00000002.history",
            "000000010000000000000001",
            "000000010000000000000002",
            "000000010000000000000002.00000028.backup",
            "000000010000000000000003",
        ];
        for name in names {
            fs::write(stored_as(archive.path(), name), "").unwrap();
        }
        let keep = SegmentName::parse("000000010000000000000002").unwrap();
        assert_eq!(prune_archive(archive.path(), keep).unwrap(), [names[1]]);
        assert_eq!(fs::read_dir(archive.path()).unwrap().count(), 4);
        assert!(prune_archive(archive.path(), keep).unwrap().is_empty());
    }
}
