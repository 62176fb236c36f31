//! Takes one backup: a consistent copy, its manifest, and at the very end its record.

use std::path::{Path, PathBuf};
use std::time::Duration;

use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::engine::Progress;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupRecord, DatabaseIdentity, Engine, Location, RecoveryPoint};
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{Connection, SqliteConnection};

use super::record::{Entry, MANIFEST_FILE, Manifest, RECORD_FILE, seal, sha256};
use crate::connect::{self, trouble};
use crate::databases;
use crate::files::{self, At};
use crate::places::DATABASE_FILE;
use crate::watched::watched;

/// A backup under construction.
pub(super) struct Taking<'a> {
    pub(super) id: &'a BackupId,
    /// The database in use.
    pub(super) source: Location,
    /// Which database that must be.
    pub(super) expected: (
        opsctl_core::names::InstanceId,
        opsctl_core::names::LineageId,
    ),
    /// Where the backup is built.
    pub(super) folder: PathBuf,
    pub(super) clock: &'a dyn Clock,
    pub(super) progress: &'a Progress<'a>,
}

/// What only the copy itself can tell: what it holds.
struct Held {
    identity: DatabaseIdentity,
    newest_heartbeat: Option<Timestamp>,
    schema_version: Option<i64>,
    engine_version: String,
}

impl Taking<'_> {
    /// Builds the whole backup in its folder.
    pub(super) async fn all(&self) -> Result<BackupRecord> {
        let copy = self.folder.join(DATABASE_FILE);
        let taken_at = self.copy_database(&copy).await?;
        let held = self.look_into(&copy).await?;
        let sum = {
            let (copy, total) = (
                copy.clone(),
                std::fs::metadata(&copy).at("read", &copy)?.len(),
            );
            watched(self.progress, total, move |heard| files::sum(&copy, heard)).await?
        };
        let manifest = Manifest::new(vec![Entry::of(DATABASE_FILE, sum)]);
        let bytes = files::encode(&manifest)?;
        files::replace(&self.folder.join(MANIFEST_FILE), &bytes)?;
        let record = BackupRecord {
            id: self.id.clone(),
            engine: Engine::Sqlite,
            recovery_point: RecoveryPoint {
                taken_at,
                newest_heartbeat: held.newest_heartbeat,
            },
            completed_at: self.clock.now(),
            size_bytes: manifest.size(),
            schema_version: held.schema_version,
            instance_id: held.identity.instance_id,
            lineage_id: held.identity.lineage_id,
            engine_version: held.engine_version,
            manifest_sha256: sha256(&bytes),
        };
        files::replace(&self.folder.join(RECORD_FILE), &seal(&record)?)?;
        Ok(record)
    }

    /// Copies the database as it is at one moment; returns a moment before which every commit is inside.
    async fn copy_database(&self, copy: &Path) -> Result<Timestamp> {
        let mut session = connect::connection(&self.source).await?;
        self.check_identity(databases::read_identity(&mut session).await?.as_ref())?;
        let size = self.source_size(&mut session).await?;
        let taken_at = databases::now(&mut session).await?;
        let target = copy.to_string_lossy().into_owned();
        let query = sqlx::query("VACUUM INTO ?1").bind(target);
        {
            let mut copying = std::pin::pin!(query.execute(&mut session));
            loop {
                tokio::select! {
                    done = &mut copying => break done.map(|_| ()),
                    () = tokio::time::sleep(Duration::from_millis(100)) => {
                        let done = std::fs::metadata(copy).map_or(0, |file| file.len());
                        self.progress.at(done.min(size), size, "bytes");
                    }
                }
            }
        }
        .map_err(|error| trouble(&format!("can't copy {}", self.source.url), error))?;
        let path = copy.to_path_buf();
        let synced = tokio::task::spawn_blocking(move || {
            std::fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .at("sync", &path)
        });
        crate::watched::joined(synced.await)?;
        close(session).await?;
        Ok(taken_at)
    }

    async fn source_size(&self, session: &mut SqliteConnection) -> Result<u64> {
        let pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        let size: i64 = sqlx::query_scalar(pages)
            .fetch_one(session)
            .await
            .map_err(|error| trouble("can't read the database's size", error))?;
        Ok(size.unsigned_abs())
    }

    fn check_identity(&self, found: Option<&DatabaseIdentity>) -> Result<()> {
        let Some(found) = found else {
            return Err(Failure::refused(format!(
                "{} does not say which database it is",
                self.source.url
            ))
            .left("nothing was backed up")
            .hint("opsctl migrate up"));
        };
        let (instance, lineage) = self.expected;
        if (found.instance_id, found.lineage_id) == (instance, lineage) {
            return Ok(());
        }
        Err(Failure::refused(format!("{} is another database", self.source.url))
            .cause(format!(
                "it is instance {}, lineage {}; the descriptor names instance {instance}, lineage {lineage}",
                found.instance_id, found.lineage_id
            ))
            .left("nothing was backed up")
            .hint("opsctl doctor"))
    }

    async fn look_into(&self, copy: &Path) -> Result<Held> {
        let mut session = connect::connection(&connect::location(copy)).await?;
        let health: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&mut session)
            .await
            .map_err(|error| trouble("can't look into the copy", error))?;
        if health != "ok" {
            // A damaged database needs its backup more than any other: keep it, and say so.
            self.progress.warn(format!(
                "the database that is backed up is damaged: {health}"
            ));
        }
        let identity = databases::read_identity(&mut session).await?;
        self.check_identity(identity.as_ref())?;
        let engine_version: String = sqlx::query_scalar("SELECT sqlite_version()")
            .fetch_one(&mut session)
            .await
            .map_err(|error| trouble("can't read the engine's version", error))?;
        let held = Held {
            identity: identity.ok_or_else(|| {
                Failure::new(FailureKind::Unknown, "the copy does not say what it is of")
            })?,
            newest_heartbeat: databases::heartbeat(&mut session).await?,
            schema_version: databases::schema_version(&mut session).await?,
            engine_version,
        };
        close(session).await?;
        Ok(held)
    }
}

async fn close(session: SqliteConnection) -> Result<()> {
    session
        .close()
        .await
        .map_err(|error| trouble("can't close a database", error))
}
