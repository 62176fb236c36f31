//! Comparing a stored base backup with what its manifest and record say, file by file.
//!
//! Never changes anything.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use opsctl_core::{
    Result,
    names::BackupId,
    ports::{BackupFault, BackupFinding},
};

use super::{
    manifest::{ManifestFile, hex_digest},
    stored::{MANIFEST, Stored},
};
use crate::cluster::{
    account::Account,
    binaries::Binaries,
    child::Program,
    durable::At,
    local::LocalPostgres,
    parallel::{self, Meter, aside},
};

/// Every fault of a backup, named by file.
///
/// # Errors
/// When there is no such backup, its record is damaged, or a file can't be read.
pub fn verify_files(
    local: &LocalPostgres,
    id: &BackupId,
    meter: Meter<'_>,
) -> Result<Vec<BackupFinding>> {
    let stored = Stored::require(&local.layout, id)?;
    aside(|| verify(&stored, meter))
}

/// Every fault of a backup, named by file. Blocks: run it aside.
fn verify(stored: &Stored, meter: Meter<'_>) -> Result<Vec<BackupFinding>> {
    let record_fault = |detail: String| {
        vec![BackupFinding {
            fault: BackupFault::Record,
            file: MANIFEST.into(),
            detail,
        }]
    };
    let manifest = match stored.manifest() {
        Ok(manifest) => manifest,
        Err(failure) => return Ok(record_fault(failure.to_string())),
    };
    if manifest.sha256 != stored.known.record.manifest_sha256 {
        return Ok(record_fault("it is not the one that was recorded".into()));
    }
    let data = stored.data();
    let files: Vec<&ManifestFile> = manifest
        .files
        .iter()
        .chain(&stored.known.wal_files)
        .collect();
    let total = files.iter().map(|file| file.size).sum();
    let done = AtomicU64::new(0);
    let findings = parallel::each(&files, |file| {
        let finding = check(&data, file)?;
        meter(
            done.fetch_add(file.size, Ordering::Relaxed) + file.size,
            total,
        );
        Ok(finding)
    })?;
    let mut findings: Vec<_> = findings.into_iter().flatten().collect();
    findings.extend(strangers(&data, &files)?);
    Ok(findings)
}

fn check(data: &Path, file: &ManifestFile) -> Result<Option<BackupFinding>> {
    let path = data.join(&file.path);
    let finding = |fault, detail: String| {
        Some(BackupFinding {
            fault,
            file: file.path.display().to_string(),
            detail,
        })
    };
    let found = match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(finding(BackupFault::Missing, "it is gone".into()));
        }
        found => found.at("read", &path)?.len(),
    };
    if found != file.size {
        let detail = format!("{found} bytes, not {}", file.size);
        return Ok(finding(BackupFault::Size, detail));
    }
    let (_, sha256) = hex_digest(&path)?;
    Ok(if sha256 == file.sha256 {
        None
    } else {
        let detail = "its content does not match its SHA-256".to_owned();
        finding(BackupFault::Checksum, detail)
    })
}

/// Files that the manifest does not know: they would be restored into nothing, but somebody put them there.
fn strangers(data: &Path, files: &[&ManifestFile]) -> Result<Vec<BackupFinding>> {
    let known: BTreeSet<PathBuf> = files.iter().map(|file| data.join(&file.path)).collect();
    let mut findings = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).at("read", &folder)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !known.contains(&path) && path != data.join(MANIFEST) {
                let inside = path.strip_prefix(data).unwrap_or(&path);
                findings.push(BackupFinding {
                    fault: BackupFault::Record,
                    file: inside.display().to_string(),
                    detail: "the manifest does not know it".into(),
                });
            }
        }
    }
    Ok(findings)
}

/// What PostgreSQL's own `pg_verifybackup` says of a backup; `None` when it finds nothing.
///
/// # Errors
/// When the program can't be run.
pub fn official_verification(
    account: &Account,
    binaries: &Binaries,
    data: &Path,
) -> Result<Option<String>> {
    let program = Program::new(binaries.program("pg_verifybackup"))
        .arg("--quiet")
        .arg(data);
    let ended = program.run(account)?;
    Ok((!ended.status.success()).then_some(ended.stderr))
}
