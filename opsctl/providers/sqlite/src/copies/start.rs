//! Makes a fetched file a scratch database: a lineage of its own, and a role that nobody is served from.

use std::path::{Path, PathBuf};

use opsctl_core::Result;
use opsctl_core::names::LineageId;
use opsctl_core::ports::{DatabaseIdentity, DatabaseRole, Effects};
use sqlx::{Connection, SqliteConnection};

use super::marks::{Birth, Marks, Standing};
use crate::connect::{self, trouble};
use crate::databases;
use crate::files;

/// Starts a fetched copy; the same lineage is taken again after a death.
pub(super) async fn start(marks: &Marks) -> Result<Birth> {
    let birth = match marks.birth()? {
        Some(birth) => birth,
        None => {
            let birth = Birth {
                lineage_id: LineageId(uuid::Uuid::new_v4()),
                standing: Standing::Scratch,
            };
            marks.write_birth(&birth)?;
            birth
        }
    };
    let place = marks.places.database(birth.lineage_id);
    if !place.is_file() {
        quarantine(&marks.fetched(), birth.lineage_id).await?;
        files::make_folder(&marks.places.database_folder(birth.lineage_id))?;
        files::rename(&marks.fetched(), &place)?;
    }
    Ok(birth)
}

/// Writes into the file what it is from now on, before it has the name of a database.
async fn quarantine(file: &Path, lineage_id: LineageId) -> Result<()> {
    let mut session = connect::connection(&connect::location(file)).await?;
    // The application's mode: a copy that differs from its source in this would be a finding.
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL")
        .fetch_one(&mut session)
        .await
        .map_err(|error| trouble("can't open the copy", error))?;
    tracing::debug!(mode, "the copy's journal");
    if let Some(identity) = databases::read_identity(&mut session).await? {
        let scratch = DatabaseIdentity {
            lineage_id,
            role: DatabaseRole::Scratch,
            effects: Effects::Held,
            ..identity
        };
        databases::write_identity(&mut session, &scratch).await?;
    }
    fold(&mut session).await?;
    session
        .close()
        .await
        .map_err(|error| trouble("can't close the copy", error))?;
    for leftover in ["-wal", "-shm"] {
        files::remove_file(&beside(file, leftover))?;
    }
    Ok(())
}

/// Moves all that was written from the log into the file, so that the file alone is the database.
async fn fold(session: &mut SqliteConnection) -> Result<()> {
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(session)
        .await
        .map_err(|error| trouble("can't write the copy", error))?;
    if busy == 0 {
        return Ok(());
    }
    Err(
        opsctl_core::Failure::failed("another program has the copy open")
            .hint("opsctl operation list"),
    )
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
