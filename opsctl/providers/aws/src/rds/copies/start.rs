//! Opens a restored instance: the administrator's password, the first answer, and its own lineage before anybody else may come.

use aws_sdk_rds::types::DbInstance;
use opsctl_core::clock::Clock;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::ScratchName;
use opsctl_core::ports::{Copy, CopyState, Database, DatabaseIdentity, DatabaseRole, Location};
use opsctl_core::{Failure, FailureKind, Result};

use super::super::settled::{PATIENCE, Wait, answering, usable};
use super::super::site::RdsSite;
use super::super::tags::{OPENED, Tags};
use super::super::{instances, refusals};
use super::{fidelity, state};

/// Opens it. Idempotent.
pub(super) async fn start(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &ScratchName,
    clock: &dyn Clock,
    progress: &Progress<'_>,
) -> Result<Copy> {
    match state::state(site, name).await? {
        CopyState::Running(copy) => return Ok(copy),
        CopyState::Fetched => {}
        _ => {
            return Err(Failure::failed(format!(
                "the copy '{name}' is not complete: it can't be opened"
            )));
        }
    }
    let mut found = instances::require(site, name.as_str()).await?;
    if !fidelity::parameters_in_force(&found) {
        reboot(site, permit, name, progress).await?;
        found = instances::require(site, name.as_str()).await?;
    }
    let copy = state::copy(site, name, &found)?;
    let_in(site, permit, name, &copy.location, progress).await?;
    begin_lineage(site, permit, (&found, &copy), clock).await?;
    Ok(copy)
}

/// Lets the database say that it is a copy with a line of history of its own, and marks its instance as opened. Idempotent.
pub(in super::super) async fn begin_lineage(
    site: &RdsSite,
    permit: &Permit<'_>,
    (instance, copy): (&DbInstance, &Copy),
    clock: &dyn Clock,
) -> Result<()> {
    let database = site.databases.open(&copy.location).await?;
    let told = tell(database.as_ref(), permit, copy).await;
    database.close().await;
    told?;
    permit.check()?;
    let opened = Tags::default().with(OPENED, clock.now());
    instances::tag(site, instance, &opened).await
}

/// The administrator's password is the backup's until RDS is told another one; then it takes a while until the server knows.
async fn let_in(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &ScratchName,
    at: &Location,
    progress: &Progress<'_>,
) -> Result<()> {
    match answering(site, at).await {
        Err(failure) if failure.kind == FailureKind::Authentication => {}
        answer => return answer,
    }
    progress.note("the backup has an older password of the administrator: it gets today's");
    set_password(site, permit, name).await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        match answering(site, at).await {
            Err(failure) if failure.kind == FailureKind::Authentication => {}
            Err(failure) => return Err(failure),
            // The server cuts connections until RDS has done with it.
            Ok(()) => {
                usable(site, name.as_str(), progress, &|_| true).await?;
                return answering(site, at).await;
            }
        }
        let asked = instances::find(site, name.as_str()).await;
        if let Some(None) = wait.heard(asked)? {
            return Err(Failure::failed(format!("the copy '{name}' is gone")));
        }
        wait.pause("the administrator's new password is not in force")
            .await?;
    }
}

async fn set_password(site: &RdsSite, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
    let client = site.client().await?;
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        permit.check()?;
        let call = client
            .modify_db_instance()
            .db_instance_identifier(name.as_str())
            .master_user_password(site.master.password.expose())
            .apply_immediately(true);
        let Err(error) = call.send().await else {
            return Ok(());
        };
        wait.again("can't set the administrator's password", &error)?;
        wait.pause("the administrator's password").await?;
    }
}

/// Parameters that only a restart brings into force must be in force before anything is measured.
async fn reboot(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &ScratchName,
    progress: &Progress<'_>,
) -> Result<()> {
    permit.check()?;
    progress.note("its parameters want a restart");
    let client = site.client().await?;
    let call = client
        .reboot_db_instance()
        .db_instance_identifier(name.as_str());
    match call.send().await {
        Ok(_) => {}
        Err(error) if refusals::is(&error, "InvalidDBInstanceState") => {}
        Err(error) => return Err(refusals::of(format!("can't restart '{name}'"), &error)),
    }
    usable(
        site,
        name.as_str(),
        progress,
        &fidelity::parameters_in_force,
    )
    .await
    .map(drop)
}

/// Lets the database say what it is from now on.
async fn tell(database: &dyn Database, permit: &Permit<'_>, copy: &Copy) -> Result<()> {
    let found = database.identity().await?.ok_or_else(|| {
        Failure::failed("the copied database does not say which one it is")
            .cause("it was copied before its first migration")
    })?;
    if found.lineage_id == copy.lineage_id {
        return Ok(());
    }
    let scratch = DatabaseIdentity {
        lineage_id: copy.lineage_id,
        role: DatabaseRole::Scratch,
        ..found
    };
    database.set_identity(permit, &scratch).await
}
