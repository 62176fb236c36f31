//! Takes a snapshot: named by its operation, so that a lost answer is found again and never doubled.

use aws_sdk_rds::types::DbSnapshot;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::Database;
use opsctl_core::{Failure, FailureKind, Result};

use super::super::settled::{PATIENCE, Wait};
use super::super::site::{RdsSite, Serving};
use super::super::tags::{ENVIRONMENT, HEARTBEAT, INSTANCE, LINEAGE, OPERATION, SCHEMA, Tags};
use super::super::{instances, refusals, remembered};
use super::snapshots::{self, find};

/// Takes it, or goes on with what an earlier run of the same operation began.
pub(super) async fn create(
    site: &RdsSite,
    permit: &Permit<'_>,
    id: &BackupId,
    progress: &Progress<'_>,
) -> Result<DbSnapshot> {
    let serving = site.serving().await?;
    match find(site, id).await? {
        Some(found) => {
            ours(&found, &serving, permit)?;
            if snapshots::status(&found) == "failed" {
                remove(site, id).await?;
                ask(site, permit, id, &serving).await?;
            }
        }
        None => ask(site, permit, id, &serving).await?,
    }
    complete(site, id, progress).await
}

/// A snapshot of that name counts only if it is this operation's and of the database that serves.
fn ours(found: &DbSnapshot, serving: &Serving, permit: &Permit<'_>) -> Result<()> {
    let tags = snapshots::tags(found);
    let same_source = found.dbi_resource_id() == serving.instance.dbi_resource_id();
    if tags.is(OPERATION, permit.operation().as_str()) && same_source {
        return Ok(());
    }
    let name = found.db_snapshot_identifier().unwrap_or_default();
    Err(Failure::refused(format!(
        "there is a snapshot '{name}' that this operation did not take"
    ))
    .cause("its tags or its source are others")
    .left("nothing was changed"))
}

async fn ask(site: &RdsSite, permit: &Permit<'_>, id: &BackupId, serving: &Serving) -> Result<()> {
    let tags = told(site, permit, serving).await?;
    let what = format!("can't take backup '{id}'");
    let name = instances::name(&serving.instance);
    let client = site.client().await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        permit.check()?;
        let call = client
            .create_db_snapshot()
            .db_instance_identifier(name)
            .db_snapshot_identifier(id.as_str())
            .set_tags(Some(tags.told()));
        let Err(error) = call.send().await else {
            return Ok(());
        };
        if refusals::is(&error, "DBSnapshotAlreadyExists") {
            let found = find(site, id).await?;
            return found.map_or(Ok(()), |found| ours(&found, serving, permit));
        }
        // Another backup or a change may be under way; RDS takes none until that is over.
        wait.again(&what, &error)?;
        wait.pause(&what).await?;
    }
}

/// What the snapshot says of itself from now on; the database is asked, because the descriptor may lag behind.
async fn told(site: &RdsSite, permit: &Permit<'_>, serving: &Serving) -> Result<Tags> {
    let at = instances::administrator(&site.ways, &serving.instance)?;
    let database = site.databases.open(&at).await?;
    let asked = facts(database.as_ref()).await;
    database.close().await;
    let tags = asked?;
    if tags.lineage() != Some(serving.descriptor.lineage_id) {
        return Err(Failure::new(
            FailureKind::Unknown,
            format!(
                "the database that answers is not lineage {}, which the descriptor names",
                serving.descriptor.lineage_id
            ),
        )
        .hint(format!("opsctl --env {} doctor", site.environment)));
    }
    let owned = remembered::noted(tags, &serving.instance).with(ENVIRONMENT, &site.environment);
    // What RDS takes by itself is known by the instance's own tags.
    let known = instances::tags(&serving.instance);
    if known.lineage() != Some(serving.descriptor.lineage_id) {
        let lasting = Tags::default()
            .with(ENVIRONMENT, &site.environment)
            .with(INSTANCE, serving.descriptor.instance_id)
            .with(LINEAGE, serving.descriptor.lineage_id);
        permit.check()?;
        instances::tag(site, &serving.instance, &lasting).await?;
    }
    Ok(owned.with(OPERATION, permit.operation()))
}

async fn facts(database: &dyn Database) -> Result<Tags> {
    let identity = database.identity().await?.ok_or_else(|| {
        Failure::refused("the database does not say which one it is").hint("opsctl migrate up")
    })?;
    Ok(Tags::default()
        .with(INSTANCE, identity.instance_id)
        .with(LINEAGE, identity.lineage_id)
        .with_some(SCHEMA, database.schema_version().await?)
        .with_some(HEARTBEAT, database.heartbeat().await?))
}

async fn complete(site: &RdsSite, id: &BackupId, progress: &Progress<'_>) -> Result<DbSnapshot> {
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        if let Some(found) = wait.heard(find(site, id).await)? {
            let found = found.ok_or_else(|| Failure::failed(format!("backup '{id}' is gone")))?;
            let percent = found.percent_progress().unwrap_or_default();
            progress.at(u64::try_from(percent).unwrap_or_default(), 100, "percent");
            match snapshots::status(&found) {
                "available" => return Ok(found),
                "failed" => {
                    return Err(Failure::failed(format!("backup '{id}' failed"))
                        .cause("RDS reports the snapshot's Status as failed")
                        .left("the database is untouched; the snapshot can't be restored")
                        .hint("aws rds describe-events --source-type db-snapshot"));
                }
                _ => {}
            }
        }
        wait.pause(&format!("backup '{id}'")).await?;
    }
}

/// Deletes the snapshot; one that is gone is no error.
pub(super) async fn remove(site: &RdsSite, id: &BackupId) -> Result<()> {
    let client = site.client().await?;
    let mut wait = Wait::new(site, std::time::Duration::from_secs(600));
    loop {
        let call = client
            .delete_db_snapshot()
            .db_snapshot_identifier(snapshots::identifier(id));
        let Err(error) = call.send().await else {
            return Ok(());
        };
        if refusals::is(&error, "DBSnapshotNotFound") {
            return Ok(());
        }
        wait.again(&format!("can't delete backup '{id}'"), &error)?;
        wait.pause("a backup that is being taken can't be deleted")
            .await?;
    }
}
