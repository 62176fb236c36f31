//! What lies in a backup's folder beside the database: the manifest and the record.

use std::fs;
use std::path::Path;

use opsctl_core::ports::{BackupFault, BackupFinding, BackupRecord};
use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

use crate::files::{self, Sum};

pub(crate) const MANIFEST_FILE: &str = "manifest.json";
pub(super) const RECORD_FILE: &str = "record.json";
const FORMAT: u32 = 1;

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

impl Entry {
    pub(super) fn of(name: &str, sum: Sum) -> Self {
        Self {
            name: name.to_owned(),
            size: sum.size,
            sha256: sum.sha256,
        }
    }
}

/// All files of a backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    pub(crate) files: Vec<Entry>,
}

impl Manifest {
    pub(super) const fn new(files: Vec<Entry>) -> Self {
        Self {
            format: FORMAT,
            files,
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.files.iter().map(|entry| entry.size).sum()
    }
}

/// The record carries a sum over itself: nothing else stands above it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Sealed {
    format: u32,
    record: BackupRecord,
    sha256: String,
}

pub(super) fn seal(record: &BackupRecord) -> Result<Vec<u8>> {
    files::encode(&Sealed {
        format: FORMAT,
        record: record.clone(),
        sha256: sum_of(record)?,
    })
}

fn sum_of(record: &BackupRecord) -> Result<String> {
    let text = serde_json::to_vec(record)
        .map_err(|error| Failure::failed("a record can't be written as JSON").because(error))?;
    Ok(sha256(&text))
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Reads a backup's record; the finding says what is wrong with it.
pub(crate) fn read_record(
    folder: &Path,
) -> Result<std::result::Result<BackupRecord, BackupFinding>> {
    let bytes = match read(folder, RECORD_FILE)? {
        Ok(bytes) => bytes,
        Err(finding) => return Ok(Err(finding)),
    };
    let sealed: Sealed = match serde_json::from_slice(&bytes) {
        Ok(sealed) => sealed,
        Err(error) => return Ok(Err(broken(RECORD_FILE, &error.to_string()))),
    };
    if sealed.format > FORMAT {
        let detail = format!(
            "it has format {}; this opsctl knows {FORMAT}",
            sealed.format
        );
        return Ok(Err(broken(RECORD_FILE, &detail)));
    }
    if sum_of(&sealed.record)? != sealed.sha256 {
        return Ok(Err(broken(
            RECORD_FILE,
            "its content is not what was written",
        )));
    }
    if folder.file_name() != Some(sealed.record.id.as_str().as_ref()) {
        let detail = format!("it is the record of backup {}", sealed.record.id);
        return Ok(Err(broken(RECORD_FILE, &detail)));
    }
    Ok(Ok(sealed.record))
}

/// Reads a backup's manifest and compares it with its record.
pub(crate) fn read_manifest(
    folder: &Path,
    record: &BackupRecord,
) -> Result<std::result::Result<Manifest, BackupFinding>> {
    let bytes = match read(folder, MANIFEST_FILE)? {
        Ok(bytes) => bytes,
        Err(finding) => return Ok(Err(finding)),
    };
    if sha256(&bytes) != record.manifest_sha256 {
        return Ok(Err(broken(
            MANIFEST_FILE,
            "its content is not what was written",
        )));
    }
    Ok(serde_json::from_slice(&bytes).map_err(|error| broken(MANIFEST_FILE, &error.to_string())))
}

fn read(folder: &Path, name: &str) -> Result<std::result::Result<Vec<u8>, BackupFinding>> {
    let path = folder.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Err(BackupFinding {
            fault: BackupFault::Missing,
            file: name.to_owned(),
            detail: "the file is gone".to_owned(),
        })),
        Err(error) => Ok(Err(broken(name, &error.to_string()))),
    }
}

fn broken(file: &str, detail: &str) -> BackupFinding {
    BackupFinding {
        fault: BackupFault::Record,
        file: file.to_owned(),
        detail: detail.to_owned(),
    }
}
