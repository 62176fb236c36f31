//! `backup_manifest`, as PostgreSQL writes it: every file of a base backup with its size and SHA-256.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

use crate::cluster::durable::At;

/// One file of a base backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct ManifestFile {
    /// Below the data folder.
    pub path: PathBuf,
    pub size: u64,
    pub sha256: String,
}

/// A whole manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub files: Vec<ManifestFile>,
    /// The log that makes the backup consistent.
    pub wal: WalRange,
    /// Over the document itself.
    pub sha256: String,
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WalRange {
    pub timeline: u32,
    #[serde(rename = "Start-LSN")]
    pub start: String,
    #[serde(rename = "End-LSN")]
    pub end: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    files: Vec<Entry>,
    #[serde(rename = "WAL-Ranges")]
    wal_ranges: Vec<WalRange>,
    #[serde(rename = "Manifest-Checksum")]
    checksum: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    path: Option<String>,
    #[serde(rename = "Encoded-Path")]
    encoded_path: Option<String>,
    size: u64,
    #[serde(rename = "Checksum-Algorithm")]
    algorithm: Option<String>,
    checksum: Option<String>,
}

impl Manifest {
    /// Reads a manifest and checks its own sum.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).at("read", path)?;
        let damaged = || Failure::failed(format!("{} is damaged", path.display()));
        let document: Document =
            serde_json::from_slice(&bytes).map_err(|error| damaged().because(error))?;
        let marker = b"\"Manifest-Checksum\"";
        let covered = bytes
            .windows(marker.len())
            .rposition(|window| window == marker)
            .ok_or_else(damaged)?;
        if hex::encode(Sha256::digest(&bytes[..covered])) != document.checksum {
            return Err(damaged().cause("it does not match its own sum"));
        }
        // More than one range means that the server was promoted meanwhile.
        let [wal] = <[WalRange; 1]>::try_from(document.wal_ranges)
            .map_err(|_| damaged().cause("it spans several timelines"))?;
        let files: Option<Vec<_>> = document.files.into_iter().map(Entry::into_file).collect();
        Ok(Self {
            files: files.ok_or_else(|| damaged().cause("a file in it has no SHA-256"))?,
            wal,
            sha256: hex::encode(Sha256::digest(&bytes)),
        })
    }
}

impl Entry {
    fn into_file(self) -> Option<ManifestFile> {
        use std::os::unix::ffi::OsStringExt;
        let path = match (self.path, self.encoded_path) {
            (Some(path), _) => PathBuf::from(path),
            (None, Some(encoded)) => {
                std::ffi::OsString::from_vec(hex::decode(encoded).ok()?).into()
            }
            (None, None) => return None,
        };
        let inside = path
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        (inside && self.algorithm? == "SHA256").then_some(())?;
        Some(ManifestFile {
            path,
            size: self.size,
            sha256: self.checksum?,
        })
    }
}

/// Size and SHA-256 of a file.
pub(crate) fn hex_digest(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path).at("read", path)?;
    let mut buffer = vec![0u8; 256 << 10];
    let mut digest = Sha256::new();
    let mut size = 0;
    loop {
        match file.read(&mut buffer).at("read", path)? {
            0 => return Ok((size, hex::encode(digest.finalize()))),
            read => {
                digest.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
}
