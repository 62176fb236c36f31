//! Lets a replica follow no longer: measured, noted, promoted, and made a copy with a line of history of its own.
//!
//! Users can't write meanwhile. RDS restarts what it promotes, and takes no backup of it here: it is backed up once it serves.

use std::time::Duration;

use aws_sdk_rds::types::DbInstance;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::ScratchName;
use opsctl_core::ports::{Copy, Position};
use opsctl_core::{Failure, Result};

use super::super::settled::{PATIENCE, Wait, answering, usable};
use super::super::site::RdsSite;
use super::super::tags::{RECOVERED_TO, Tags};
use super::super::{copies, instances};
use super::port::RdsReplicas;
use super::state;

/// How long a replica may take for what is left, while nobody can write.
const LIMIT: Duration = Duration::from_secs(600);

/// Waits until it has all that the database has written; one that follows no longer says what it had then.
pub(super) async fn caught_up(replicas: &RdsReplicas, name: &ScratchName) -> Result<Position> {
    let found = state::require(&replicas.site, name).await?;
    match state::noted(&found).filter(|_| !instances::follows(&found)) {
        Some(position) => Ok(position),
        None => measured(replicas, name, &found).await,
    }
}

async fn measured(
    replicas: &RdsReplicas,
    name: &ScratchName,
    found: &DbInstance,
) -> Result<Position> {
    let site = replicas.site.as_ref();
    let serving = site.serving().await?;
    let source = instances::administrator(&site.ways, &serving.instance)?;
    let at = instances::administrator(&site.ways, found)?;
    let mut wait = Wait::new(site, LIMIT);
    loop {
        let asked = replicas.positions.catch_up(&source, &at, LIMIT).await;
        if let Some(position) = wait.heard(asked)? {
            return position.complete(name);
        }
        wait.pause("how far the replica is").await?;
    }
}

/// Opens it. Idempotent: what was done of it lies in its tags.
pub(super) async fn open(
    replicas: &RdsReplicas,
    permit: &Permit<'_>,
    name: &ScratchName,
    progress: &Progress<'_>,
) -> Result<Copy> {
    let site = replicas.site.as_ref();
    let found = state::require(site, name).await?;
    if state::is_opened(&found) {
        return copies::copy(site, name, &found);
    }
    if instances::follows(&found) {
        if state::noted(&found).is_none() {
            note(replicas, permit, name, &found).await?;
        }
        promote(site, permit, name).await?;
    }
    let alone = |it: &DbInstance| !instances::follows(it);
    let promoted = usable(site, name.as_str(), progress, &alone).await?;
    let copy = copies::copy(site, name, &promoted)?;
    answering(site, &copy.location).await?;
    let clock = replicas.clock.as_ref();
    copies::begin_lineage(site, permit, (&promoted, &copy), clock).await?;
    Ok(copy)
}

/// Keeps that it has everything, before it is told to follow no longer: afterwards nobody can tell any more.
async fn note(
    replicas: &RdsReplicas,
    permit: &Permit<'_>,
    name: &ScratchName,
    found: &DbInstance,
) -> Result<()> {
    let position = measured(replicas, name, found).await?;
    let tags = Tags::default().with(RECOVERED_TO, replicas.clock.now());
    permit.check()?;
    instances::tag(&replicas.site, found, &state::noting(tags, &position)).await
}

/// Asks for it until it was accepted, or shows.
async fn promote(site: &RdsSite, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
    let client = site.client().await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        if let Some(found) = wait.heard(instances::find(site, name.as_str()).await)? {
            let gone = || Failure::failed(format!("the replica '{name}' is gone"));
            if !instances::follows(&found.ok_or_else(gone)?) {
                return Ok(());
            }
        }
        permit.check()?;
        let call = client
            .promote_read_replica()
            .db_instance_identifier(name.as_str())
            // One that is backed up can't be changed meanwhile, and it still has to be given what protects a database.
            .backup_retention_period(0);
        let Err(error) = call.send().await else {
            return Ok(());
        };
        wait.again(&format!("can't promote the replica '{name}'"), &error)?;
        wait.pause("the replica is not promoted yet").await?;
    }
}
