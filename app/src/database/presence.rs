//! Writes this process's presence: the file that tells opsctl what the process has applied
//! (`schemas/process-presence.schema.json`). A dead process's file is opsctl's to judge; each start takes a new name, so a
//! leftover stands in nobody's way.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use uuid::Uuid;

use super::{APP_SCHEMA, DatabaseError, Mode};
use crate::config::Role;

/// What never changes while the process lives.
#[derive(Debug, Clone, Serialize)]
pub struct Process {
    pub process_id: Uuid,
    pub pid: u32,
    pub role: Role,
    pub address: String,
    pub started_at: String,
    /// For how long a token that it signs is good.
    pub token_lifetime_seconds: u64,
}

/// What the process has applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Applied {
    pub generation: u64,
    pub lineage_id: Uuid,
    pub mode: Mode,
    /// Of the place for secrets, when all of it is in use and the place counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrets_revision: Option<u64>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(flatten)]
    process: &'a Process,
    #[serde(flatten)]
    applied: Applied,
    app_schema: i64,
}

/// The presence file of this process.
#[derive(Debug)]
pub struct Presence {
    process: Process,
    path: PathBuf,
}

impl Presence {
    /// The place for it beside the descriptor. Writes nothing yet.
    pub fn beside(descriptor: &Path, process: Process) -> Self {
        let folder = descriptor
            .parent()
            .unwrap_or(Path::new("."))
            .join("processes");
        let path = folder.join(format!("{}.json", process.process_id));
        Self { process, path }
    }

    /// States what is applied; a reader sees the whole of it or what stood there before, also after a crash.
    pub fn state(&self, applied: Applied) -> Result<(), DatabaseError> {
        self.write(applied)
            .map_err(|error| DatabaseError::Presence {
                path: self.path.display().to_string(),
                problem: error.to_string(),
            })
    }

    fn write(&self, applied: Applied) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let process = &self.process;
        let document = Document {
            version: 1,
            process,
            applied,
            app_schema: APP_SCHEMA,
        };
        let mut bytes = serde_json::to_vec_pretty(&document)?;
        bytes.push(b'\n');

        let temporary = self.path.with_extension("json.new");
        let mut file = File::create(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        File::open(folder)?.sync_all()
    }

    /// Takes it away at a clean end. One that is gone already is no matter.
    pub fn remove(&self) {
        let _gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_fields_of_the_schema() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let process = Process {
            process_id: Uuid::from_u128(1),
            pid: 42,
            role: Role::All,
            address: "127.0.0.1:8000".into(),
            started_at: "2026-01-15T10:30:00.000Z".into(),
            token_lifetime_seconds: 3600,
        };
        let presence = Presence::beside(&folder.path().join("database.json"), process);
        let lineage_id = Uuid::from_u128(2);
        presence.state(Applied {
            generation: 7,
            lineage_id,
            mode: Mode::ReadOnly,
            secrets_revision: Some(3),
        })?;

        let path = folder
            .path()
            .join(format!("processes/{}.json", Uuid::from_u128(1)));
        let written: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
        let schema: serde_json::Value = serde_json::from_str(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../schemas/process-presence.schema.json"
        )))?;
        for field in schema["required"].as_array().into_iter().flatten() {
            assert!(
                written.get(field.as_str().unwrap_or_default()).is_some(),
                "{field}"
            );
        }
        assert_eq!(written["mode"], "read_only");
        assert_eq!(written["secrets_revision"], 3);
        presence.remove();
        assert!(!path.exists());
        Ok(())
    }
}
