//! The descriptor file and the presence files beside it, as opsctl handles them.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::server::PASSWORD;
use super::{Engine, Place, eventually};

/// A descriptor in a folder of its own.
pub struct DescriptorFile {
    folder: tempfile::TempDir,
}

impl DescriptorFile {
    /// Generation 1, normal.
    pub fn of(place: &Place) -> Result<Self> {
        let file = Self {
            folder: tempfile::tempdir()?,
        };
        file.write(place, 1, "normal")?;
        Ok(file)
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("database.json")
    }

    pub fn write(&self, place: &Place, generation: u64, mode: &str) -> Result<()> {
        let mut document = json!({
            "version": 1,
            "generation": generation,
            "engine": "sqlite",
            "url": place.url_without_password(),
            "instance_id": place.instance_id,
            "lineage_id": place.lineage_id,
            "mode": mode,
        });
        if place.engine == Engine::Postgres {
            let password_file = self.folder.path().join("app_login.password");
            std::fs::write(&password_file, format!("{PASSWORD}\n"))?;
            document["engine"] = "postgres".into();
            document["password_file"] = password_file.display().to_string().into();
        }
        self.write_text(&document.to_string())
    }

    /// In one step, as opsctl does: readers see the old text or the new.
    pub fn write_text(&self, text: &str) -> Result<()> {
        let temporary = self.folder.path().join("database.json.new");
        std::fs::write(&temporary, text)?;
        std::fs::rename(temporary, self.path())?;
        Ok(())
    }

    pub fn processes(&self) -> PathBuf {
        self.folder.path().join("processes")
    }

    /// What each process says it has applied.
    pub fn presences(&self) -> Vec<Value> {
        let files = std::fs::read_dir(self.processes())
            .into_iter()
            .flatten()
            .flatten();
        files
            .filter(|file| {
                file.path()
                    .extension()
                    .is_some_and(|extension| extension == "json")
            })
            .filter_map(|file| std::fs::read(file.path()).ok())
            .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
            .collect()
    }

    /// Waits until the only process states this generation.
    pub async fn applied(&self, generation: u64) -> Result<Value> {
        eventually(&format!("generation {generation} is applied"), || async {
            match self.presences().as_slice() {
                [one] if one["generation"] == generation => Some(one.clone()),
                _ => None,
            }
        })
        .await
    }
}
