//! A backup of a running cluster: what the database says of itself, then its files.

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::{BackupId, InstanceId, LineageId},
    ports::BackupRecord,
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    stored::{Stored, StoredBackup},
    take::{BackupRequest, DOOMED, take},
};
use crate::cluster::{
    archive::prune_archive,
    connection::{Asking, connect},
    durable::{self, At},
    layout::DATABASE,
    local::LocalPostgres,
    parallel::{Meter, aside},
    restore::all_backups,
};

/// Takes a base backup of a lineage's running cluster; clears away what a dead run left of it.
///
/// # Errors
/// When the database doesn't answer, was never set up or holds what a base backup can't, or the disk is full.
pub async fn create(
    local: &LocalPostgres,
    lineage: LineageId,
    id: &BackupId,
    meter: Meter<'_>,
) -> Result<StoredBackup> {
    let record = local.record(lineage)?;
    let folder = local.layout.cluster(lineage);
    let mut session = connect(&folder, &record, DATABASE).await?;
    must_be_whole(&mut session).await?;
    let request = ask(&mut session, id).await?;
    if request.lineage_id != lineage {
        return Err(Failure::refused(format!(
            "the database says that it is of lineage {}, not {lineage}",
            request.lineage_id
        ))
        .left("nothing was changed")
        .hint("opsctl env adopt"));
    }
    let account = local.account()?;
    aside(|| {
        take(
            &account,
            &local.binaries,
            &local.layout,
            (&request, &record),
            meter,
        )
    })
}

/// Records that can be read, and the backups whose can't, with the reason.
pub type Listing = (Vec<BackupRecord>, Vec<(BackupId, Failure)>);

/// The records of all complete backups, oldest data first, and the others with the reason why not.
///
/// # Errors
/// When the folder of backups can't be read.
pub fn list(local: &LocalPostgres) -> Result<Listing> {
    let (good, bad) = all_backups(&local.layout)?;
    let records = good.into_iter().map(|stored| stored.known.record);
    Ok((records.collect(), bad))
}

/// A complete backup of that name.
///
/// # Errors
/// When its record is damaged.
pub fn find(local: &LocalPostgres, id: &BackupId) -> Result<Option<StoredBackup>> {
    Ok(Stored::find(&local.layout, id)?.map(|stored| stored.known))
}

/// Deletes a backup, and the log that no other needs. Idempotent.
///
/// # Errors
/// When a file can't be deleted.
pub fn delete(local: &LocalPostgres, id: &BackupId) -> Result<()> {
    let folder = local.layout.backup(id);
    let doomed = local.layout.backups().join(format!("{DOOMED}{id}"));
    if folder.exists() {
        // Out of sight first: a deletion that is cut short leaves nothing that looks like a backup.
        durable::remove_folder(&doomed)?;
        std::fs::rename(&folder, &doomed).at("delete", &folder)?;
    }
    durable::remove_folder(&doomed)?;
    prune(local)
}

/// Deletes log from before the oldest kept backup, lineage by lineage. Keeps everything while any backup's
/// record can't be read, or there is none: nobody knows then what is needed.
fn prune(local: &LocalPostgres) -> Result<()> {
    let (good, bad) = all_backups(&local.layout)?;
    if !bad.is_empty() {
        return Ok(());
    }
    let lineages: std::collections::HashSet<Uuid> = good
        .iter()
        .map(|stored| stored.known.record.lineage_id.0)
        .collect();
    for lineage in lineages.into_iter().map(LineageId) {
        let firsts: Result<Vec<_>> = good
            .iter()
            .filter(|stored| stored.known.record.lineage_id == lineage)
            .map(|stored| stored.known.first_segment())
            .collect();
        if let Some(first) = firsts?.into_iter().min() {
            prune_archive(&local.layout.archive(lineage), first)?;
        }
    }
    Ok(())
}

async fn must_be_whole(session: &mut PgConnection) -> Result<()> {
    let elsewhere: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')",
    )
    .fetch_one(session)
    .await
    .asking("list the tablespaces")?;
    if elsewhere == 0 {
        return Ok(());
    }
    Err(
        Failure::refused("the database has tablespaces outside its folder")
            .cause("a copy on the same machine would write into them")
            .left("nothing was changed"),
    )
}

async fn ask(session: &mut PgConnection, id: &BackupId) -> Result<BackupRequest> {
    let (clock, engine_version): (OffsetDateTime, String) =
        sqlx::query_as("SELECT clock_timestamp(), current_setting('server_version')")
            .fetch_one(&mut *session)
            .await
            .asking("read the database's clock")?;
    let identity: Option<(Uuid, Uuid)> = if is_there(session, "database_identity").await? {
        sqlx::query_as("SELECT instance_id, lineage_id FROM public.database_identity")
            .fetch_optional(&mut *session)
            .await
            .asking("read the database's identity")?
    } else {
        None
    };
    let (instance, lineage) = identity.ok_or_else(|| {
        Failure::failed("the database was never set up: nobody knows which one it is")
            .hint("opsctl migrate up")
    })?;
    Ok(BackupRequest {
        id: id.clone(),
        clock: Timestamp(clock),
        newest_heartbeat: newest_heartbeat(session).await?,
        schema_version: schema_version(session).await?,
        instance_id: InstanceId(instance),
        lineage_id: LineageId(lineage),
        engine_version: engine_version.split(' ').next().unwrap_or_default().into(),
    })
}

async fn newest_heartbeat(session: &mut PgConnection) -> Result<Option<Timestamp>> {
    if !is_there(session, "heartbeat").await? {
        return Ok(None);
    }
    let beat: Option<OffsetDateTime> =
        sqlx::query_scalar("SELECT max(beat_at) FROM public.heartbeat")
            .fetch_one(session)
            .await
            .asking("read the heartbeat")?;
    Ok(beat.map(Timestamp))
}

async fn schema_version(session: &mut PgConnection) -> Result<Option<i64>> {
    if !is_there(session, "_sqlx_migrations").await? {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM public._sqlx_migrations WHERE success")
        .fetch_one(session)
        .await
        .asking("read the applied migrations")
}

async fn is_there(session: &mut PgConnection, table: &str) -> Result<bool> {
    sqlx::query_scalar("SELECT to_regclass('public.' || $1) IS NOT NULL")
        .bind(table)
        .fetch_one(session)
        .await
        .asking("look for a table")
}
