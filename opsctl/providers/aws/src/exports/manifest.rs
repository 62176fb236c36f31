//! What an export knows of itself.

use opsctl_core::clock::Timestamp;
use opsctl_core::names::{BackupId, EnvironmentName, InstanceId, LineageId, OperationId};
use opsctl_core::ports::{BackupRecord, DumpFacts, Engine, RecoveryPoint};
use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

/// The version that this opsctl writes.
const VERSION: u32 = 1;

/// The manifest. Public and stable: later versions add, never change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    pub version: u32,
    pub id: BackupId,
    pub environment: EnvironmentName,
    /// The operation that made it.
    pub operation: OperationId,
    /// The instance of RDS that it was read from.
    pub source: String,
    pub instance_id: InstanceId,
    pub lineage_id: LineageId,
    /// What is true in it.
    pub facts: DumpFacts,
    /// Of the dump.
    pub size_bytes: u64,
    /// Of the dump.
    pub sha256: String,
    /// When all of its parts were there, by opsctl's clock.
    pub completed_at: Timestamp,
    /// How it is put together, where that is left to do.
    pub upload: Parts,
}

/// The parts of an upload.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Parts {
    /// S3's name for the upload.
    pub id: String,
    /// S3's tag of each part, from the first.
    pub tags: Vec<String>,
}

/// A manifest, and the sum of its bytes.
#[derive(Debug, Clone)]
pub struct Found {
    pub manifest: Manifest,
    sha256: String,
}

impl Manifest {
    pub const fn version() -> u32 {
        VERSION
    }

    /// Its bytes.
    pub fn written(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self)
            .map_err(|error| Failure::failed("the manifest can't be written").because(error))
    }
}

impl Found {
    /// Reads one; why not, in words.
    pub fn read(bytes: &[u8]) -> std::result::Result<Self, String> {
        let manifest: Manifest =
            serde_json::from_slice(bytes).map_err(|error| format!("it can't be read: {error}"))?;
        if manifest.version > VERSION {
            return Err(format!(
                "a newer opsctl wrote it (version {} of {VERSION})",
                manifest.version
            ));
        }
        Ok(Self {
            manifest,
            sha256: hex::encode(Sha256::digest(bytes)),
        })
    }

    pub fn record(&self) -> BackupRecord {
        let it = &self.manifest;
        BackupRecord {
            id: it.id.clone(),
            engine: Engine::Postgres,
            recovery_point: RecoveryPoint {
                taken_at: it.facts.taken_at,
                newest_heartbeat: it.facts.newest_heartbeat,
            },
            completed_at: it.completed_at,
            size_bytes: it.size_bytes,
            schema_version: it.facts.schema_version,
            instance_id: it.instance_id,
            lineage_id: it.lineage_id,
            engine_version: it.facts.server_version.clone(),
            manifest_sha256: self.sha256.clone(),
        }
    }
}
