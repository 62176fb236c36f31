//! `opsctl backup`

mod look;
mod report;

use opsctl_core::Result;
use opsctl_core::backup::{
    BackupCopy, BackupCreate, BackupExport, BackupPrune, CopyObserved, PruneObserved, Source,
    plan_copy, plan_create, plan_export, plan_prune,
};
use opsctl_core::engine::{EventSink, OperationKind, Progress};
use opsctl_core::names::{BackupId, StepName};
use opsctl_core::pins::{Pin, pin, unpin};
use serde_json::json;

pub use report::{copied, created, exported, pruned};

use super::drive::drive;
use crate::args::BackupCommand;
use crate::session::Session;

/// Runs a backup command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: BackupCommand) -> Result<u8> {
    match command {
        BackupCommand::Create => create(session).await,
        BackupCommand::Export => export(session).await,
        BackupCommand::Copy { id } => copy(session, id).await,
        BackupCommand::List => look::list(session).await,
        BackupCommand::Show { id } => look::show(session, &BackupId::new(id)?).await,
        BackupCommand::Verify { ids, all } => look::verify(session, &ids, all).await,
        BackupCommand::Pin { id, reason } => keep(session, &BackupId::new(id)?, reason).await,
        BackupCommand::Unpin { id } => release(session, &BackupId::new(id)?).await,
        BackupCommand::Prune => prune(session).await,
    }
}

async fn create(session: &Session) -> Result<u8> {
    let world = session.world().await?;
    let source = Source {
        operation: session.new_operation(OperationKind::BackupCreate)?,
        environment: session.environment.name.clone(),
        now: session.now(),
        descriptor: world.pointer.read().await?,
        newest: world.backups.list().await?.0.pop(),
        opsctl_version: session.runner.opsctl_version.clone(),
    };
    let plan = plan_create(&source)?;
    let create = BackupCreate::from_plan(&plan, &world)?;
    drive(session, &plan, &create, report::created).await
}

async fn export(session: &Session) -> Result<u8> {
    let world = session.world().await?;
    let source = Source {
        operation: session.new_operation(OperationKind::BackupExport)?,
        environment: session.environment.name.clone(),
        now: session.now(),
        descriptor: world.pointer.read().await?,
        newest: world.exports()?.list().await?.0.pop(),
        opsctl_version: session.runner.opsctl_version.clone(),
    };
    let plan = plan_export(&source)?;
    let export = BackupExport::from_plan(&plan, &world)?;
    drive(session, &plan, &export, report::exported).await
}

async fn copy(session: &Session, id: Option<String>) -> Result<u8> {
    let world = session.world().await?;
    let wish = id.map(BackupId::new).transpose()?;
    let operation = session.new_operation(OperationKind::BackupCopy)?;
    let version = &session.runner.opsctl_version;
    let observed = CopyObserved::see(&world, operation, version, wish).await?;
    let plan = plan_copy(&observed, &session.environment)?;
    let copy = BackupCopy::from_plan(&plan, &world)?;
    drive(session, &plan, &copy, report::copied).await
}

async fn prune(session: &Session) -> Result<u8> {
    let world = session.world().await?;
    let operation = session.new_operation(OperationKind::BackupPrune)?;
    let version = &session.runner.opsctl_version;
    // Nothing runs yet that progress could belong to.
    let (step, silent) = (StepName::new("look")?, EventSink::silent());
    let progress = Progress::new(&step, &operation, &silent, session.clock.as_ref());
    let observed = PruneObserved::see(&world, operation.clone(), version, &progress).await?;
    let plan = plan_prune(&observed, &session.environment)?;
    let prune = BackupPrune::from_plan(&plan, &world)?;
    drive(session, &plan, &prune, report::pruned).await
}

async fn keep(session: &Session, id: &BackupId, reason: String) -> Result<u8> {
    look::record(&session.world().await?, id).await?;
    let wish = Pin {
        owner: Pin::kept()?,
        reason: format!("{reason} ({})", session.runner.principal),
        since: session.now(),
        until: None,
    };
    pin(session.store.as_ref(), id, &wish).await?;
    let document = json!({ "pinned": id, "reason": wish.reason });
    session.output.answer(&document, || {
        format!("backup {id} stays until it is unpinned")
    });
    Ok(0)
}

/// A backup that is gone may leave its pin behind: no look at the backup itself.
async fn release(session: &Session, id: &BackupId) -> Result<u8> {
    unpin(session.store.as_ref(), id, &Pin::kept()?).await?;
    session.output.answer(&json!({ "unpinned": id }), || {
        format!("backup {id} is kept by its age alone")
    });
    Ok(0)
}
