//! Copies of snapshots in the backup region: asked for there, under a key of that region, one of a database after the other.

use std::time::Duration;

use aws_sdk_rds::error::ProvideErrorMetadata;
use aws_sdk_rds::types::DbSnapshot;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{Away, BackupRecord};
use opsctl_core::{Failure, Result};

use super::super::settled::{PATIENCE, Wait};
use super::super::site::RdsSite;
use super::super::tags::{
    COPY_OF, ENVIRONMENT, HEARTBEAT, INSTANCE, LINEAGE, OPERATION, SCHEMA, Tags,
};
use super::super::{refusals, remembered};
use super::record::Known;
use super::{snapshots, sorted};
use crate::account::Side;

/// How long the end of a copy is waited for while its state does not allow it.
const END_WITHIN: Duration = Duration::from_secs(600);

/// The copies that are there.
pub(super) async fn list(site: &RdsSite) -> Result<Away> {
    let found = snapshots::all(site, Side::Backup).await?;
    let records = found.iter().filter_map(|it| record(site, it));
    Ok(Away {
        place: site.aws.region(Side::Backup).to_owned(),
        backups: sorted(records.collect()),
    })
}

/// The newest copy, and the key that it is encrypted by.
pub(crate) async fn newest(site: &RdsSite) -> Result<Option<(BackupRecord, Option<String>)>> {
    let found = snapshots::all(site, Side::Backup).await?;
    let records = found
        .iter()
        .filter_map(|it| Some((record(site, it)?, it.kms_key_id().map(ToOwned::to_owned))));
    Ok(records.max_by_key(|(record, _)| record.recovery_point.taken_at))
}

/// The record of a copy, under the name of what it is a copy of; `None` for anything else, and for one under way.
fn record(site: &RdsSite, found: &DbSnapshot) -> Option<BackupRecord> {
    let tags = snapshots::tags(found);
    let id: BackupId = tags.parsed(COPY_OF)?;
    if !tags.is_of(&site.environment) {
        return None;
    }
    let record = Known::of(&site.environment, None).record(found).ok()?;
    Some(BackupRecord { id, ..record })
}

/// The name of a copy; that of an automated snapshot has no colon there.
pub(super) fn name(id: &BackupId) -> String {
    match id.as_str().strip_prefix("rds.") {
        Some(rest) => format!("copy-of-{rest}"),
        None => id.to_string(),
    }
}

/// The copy of that backup, complete or not.
pub(super) async fn find(site: &RdsSite, id: &BackupId) -> Result<Option<DbSnapshot>> {
    let found = snapshots::named(site, Side::Backup, &name(id)).await?;
    Ok(found.filter(|found| is_copy_of(site, found, id)))
}

/// What there is of the copy.
pub(super) async fn check(site: &RdsSite, id: &BackupId) -> Result<StepState<BackupRecord>> {
    let Some(found) = snapshots::named(site, Side::Backup, &name(id)).await? else {
        return Ok(StepState::Absent);
    };
    if !is_copy_of(site, &found, id) {
        let what = format!("snapshot '{}' is no copy of backup '{id}'", name(id));
        return Ok(StepState::Foreign(what));
    }
    Ok(match record(site, &found) {
        Some(record) => StepState::Done(record),
        None => StepState::InFlight,
    })
}

fn is_copy_of(site: &RdsSite, found: &DbSnapshot, id: &BackupId) -> bool {
    let tags = snapshots::tags(found);
    tags.is_of(&site.environment) && tags.is(COPY_OF, id.as_str())
}

/// Copies it, or goes on with what an earlier run began.
pub(super) async fn copy(
    site: &RdsSite,
    permit: &Permit<'_>,
    source: (&DbSnapshot, &BackupRecord),
    progress: &Progress<'_>,
) -> Result<BackupRecord> {
    let id = &source.1.id;
    let found = snapshots::named(site, Side::Backup, &name(id)).await?;
    match found {
        Some(found) if !is_copy_of(site, &found, id) => return Err(foreign(id)),
        // Losing its source in the middle fails a copy for good.
        Some(found) if snapshots::status(&found) == "failed" => {
            delete(site, permit, id).await?;
            ask(site, permit, source, progress).await?;
        }
        Some(_) => {}
        None => ask(site, permit, source, progress).await?,
    }
    complete(site, id, progress).await
}

async fn ask(
    site: &RdsSite,
    permit: &Permit<'_>,
    (snapshot, record): (&DbSnapshot, &BackupRecord),
    progress: &Progress<'_>,
) -> Result<()> {
    let id = &record.id;
    let what = format!("can't copy backup '{id}'");
    let client = site.client_in(Side::Backup).await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        permit.check()?;
        let call = client
            .copy_db_snapshot()
            .source_db_snapshot_identifier(snapshot.db_snapshot_arn().unwrap_or_default())
            .target_db_snapshot_identifier(name(id))
            .set_kms_key_id(key(site, snapshot)?)
            .set_tags(Some(told(site, permit, (snapshot, record)).told()));
        let Err(error) = call.send().await else {
            return Ok(());
        };
        if refusals::is(&error, "DBSnapshotAlreadyExists") {
            let found = snapshots::named(site, Side::Backup, &name(id)).await?;
            let other = found.is_some_and(|found| !is_copy_of(site, &found, id));
            return if other { Err(foreign(id)) } else { Ok(()) };
        }
        let queue_is_full = refusals::is(&error, "SnapshotQuotaExceeded")
            && refusals::of_copies(error.message().unwrap_or_default());
        match queue_is_full {
            true => progress.note("the region takes no more copies now: it is asked again"),
            false => wait.again(&what, &error)?,
        }
        wait.pause(&what).await?;
    }
}

/// An encrypted snapshot is encrypted anew: keys don't leave their region.
fn key(site: &RdsSite, snapshot: &DbSnapshot) -> Result<Option<String>> {
    let key = site.aws.settings().copy_key.clone();
    if snapshot.encrypted() == Some(true) && key.is_none() {
        return Err(
            Failure::usage("the backup is encrypted, and there is no key for its copy")
                .left("nothing was copied")
                .hint("set `aws.copy_key` in opsctl.yaml to a key of the backup region"),
        );
    }
    Ok(key)
}

/// The tags of a snapshot are not copied: an automated one has hardly any.
fn told(
    site: &RdsSite,
    permit: &Permit<'_>,
    (snapshot, record): (&DbSnapshot, &BackupRecord),
) -> Tags {
    remembered::handed_on(Tags::default(), &snapshots::tags(snapshot))
        .with(ENVIRONMENT, &site.environment)
        .with(OPERATION, permit.operation())
        .with(COPY_OF, &record.id)
        .with(INSTANCE, record.instance_id)
        .with(LINEAGE, record.lineage_id)
        .with_some(SCHEMA, record.schema_version)
        .with_some(HEARTBEAT, record.recovery_point.newest_heartbeat)
}

async fn complete(site: &RdsSite, id: &BackupId, progress: &Progress<'_>) -> Result<BackupRecord> {
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        let found = snapshots::named(site, Side::Backup, &name(id)).await;
        if let Some(found) = wait.heard(found)? {
            let gone = || Failure::failed(format!("the copy of backup '{id}' is gone"));
            let found = found.ok_or_else(gone)?;
            let percent = found.percent_progress().unwrap_or_default();
            progress.at(u64::try_from(percent).unwrap_or_default(), 100, "percent");
            match (snapshots::status(&found), record(site, &found)) {
                (_, Some(record)) => return Ok(record),
                ("failed", None) => {
                    return Err(Failure::failed(format!("the copy of backup '{id}' failed"))
                        .cause("RDS reports its Status as failed: its source may have gone meanwhile")
                        .left("a failed snapshot stays in the backup region; the next copy clears it away")
                        .hint("opsctl backup copy"));
                }
                _ => {}
            }
        }
        wait.pause(&format!("the copy of backup '{id}'")).await?;
    }
}

/// Deletes the copy; one that is gone is no error, and one that is none of ours stays.
pub(super) async fn delete(site: &RdsSite, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
    let what = format!("can't delete the copy of backup '{id}'");
    let client = site.client_in(Side::Backup).await?;
    let mut wait = Wait::new(site, END_WITHIN);
    loop {
        let found = wait.heard(find(site, id).await)?;
        match found {
            Some(None) => return Ok(()),
            Some(Some(found)) if snapshots::status(&found) != "deleting" => {
                permit.check()?;
                let call = client.delete_db_snapshot().db_snapshot_identifier(name(id));
                match call.send().await {
                    // It is looked for once more before anybody says that it is gone.
                    Ok(_) => continue,
                    Err(error) if refusals::is(&error, "DBSnapshotNotFound") => return Ok(()),
                    Err(error) => wait.again(&what, &error)?,
                }
            }
            Some(Some(_)) | None => {}
        }
        wait.pause(&what).await?;
    }
}

fn foreign(id: &BackupId) -> Failure {
    Failure::refused(format!(
        "snapshot '{}' is no copy of backup '{id}'",
        name(id)
    ))
    .left("nothing was changed")
}
