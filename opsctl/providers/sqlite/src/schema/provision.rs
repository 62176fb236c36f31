//! The empty database of a local environment: a file in a folder of its lineage.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::LineageId;
use opsctl_core::ports::{Provision, Provisioned};
use opsctl_core::{Failure, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::Places;
use crate::connect::{location, trouble};
use crate::copies::forget_copy;
use crate::files;

/// Makes SQLite files.
#[derive(Debug, Clone)]
pub struct SqliteProvision {
    places: Places,
}

impl SqliteProvision {
    /// Files in the environment's folder.
    #[must_use]
    pub const fn new(places: Places) -> Self {
        Self { places }
    }
}

#[async_trait]
impl Provision for SqliteProvision {
    async fn create(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<Provisioned> {
        permit.check()?;
        let file = self.places.database(lineage);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::failed(format!("can't make {}", folder.display())).because(error)
            })?;
        }
        let failed = |error| trouble(&format!("can't make {}", file.display()), error);
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            // Readers and the writer don't wait for each other; the mode stays in the file.
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let session = options.connect().await.map_err(failed)?;
        session.close().await.map_err(failed)?;
        let location = location(&file);
        Ok(Provisioned {
            application: location.clone(),
            administrator: location,
        })
    }

    async fn remove(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<()> {
        permit.check()?;
        files::remove_folder(&self.places.database_folder(lineage))?;
        forget_copy(&self.places, lineage)
    }
}
