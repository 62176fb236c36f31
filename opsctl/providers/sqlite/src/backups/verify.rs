//! Compares the files of a backup with its manifest.

use std::path::Path;

use opsctl_core::Result;
use opsctl_core::ports::{BackupFault, BackupFinding};

use super::record::{Entry, read_manifest, read_record};
use crate::files;

/// The faults of a backup; `heard` is told how many bytes were read.
pub(super) fn verify(folder: &Path, heard: &dyn Fn(u64)) -> Result<Vec<BackupFinding>> {
    let record = match read_record(folder)? {
        Ok(record) => record,
        Err(finding) => return Ok(vec![finding]),
    };
    let manifest = match read_manifest(folder, &record)? {
        Ok(manifest) => manifest,
        Err(finding) => return Ok(vec![finding]),
    };
    let mut findings = Vec::new();
    let mut before = 0;
    for entry in &manifest.files {
        findings.extend(fault_in(folder, entry, &|read| heard(before + read))?);
        before += entry.size;
    }
    Ok(findings)
}

fn fault_in(folder: &Path, entry: &Entry, heard: &dyn Fn(u64)) -> Result<Option<BackupFinding>> {
    let path = folder.join(&entry.name);
    let finding = |fault, detail| {
        Ok(Some(BackupFinding {
            fault,
            file: entry.name.clone(),
            detail,
        }))
    };
    let found = match std::fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return finding(BackupFault::Missing, "the file is gone".to_owned());
        }
        Err(error) => return finding(BackupFault::Missing, error.to_string()),
    };
    if found != entry.size {
        let detail = format!("{found} bytes; the manifest says {}", entry.size);
        return finding(BackupFault::Size, detail);
    }
    let sum = files::sum(&path, heard)?;
    if sum.sha256 != entry.sha256 {
        let detail = format!("SHA-256 {}; the manifest says {}", sum.sha256, entry.sha256);
        return finding(BackupFault::Checksum, detail);
    }
    Ok(None)
}
