//! `opsctl restore`

mod in_place;
mod reports;
mod rows;
mod set_aside;
mod upkeep;

use opsctl_core::clock::Timestamp;
use opsctl_core::costs;
use opsctl_core::engine::{Basis, OperationKind};
use opsctl_core::names::BackupId;
use opsctl_core::restore::{
    Available, CutOverWish, Destination, Live, Point, Restore, RestoreRequest, Source, plan,
};
use opsctl_core::{Failure, Result};

pub use reports::{report, rows_report};
pub use set_aside::removed;

use super::drive::drive;
use super::failover;
use crate::args::{PointArgs, RestoreArgs, RestoreCommand};
use crate::session::Session;

/// Runs a restore command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, args: RestoreArgs) -> Result<u8> {
    match &args.command {
        None => restore(session, &args).await,
        Some(RestoreCommand::Undo(patience)) => in_place::undo(session, patience).await,
        Some(RestoreCommand::Rows(rows)) => rows::restore(session, rows).await,
        Some(RestoreCommand::List) => upkeep::list(session).await,
        Some(RestoreCommand::Discard { copy }) => upkeep::discard(session, copy).await,
        Some(RestoreCommand::SetAside(command)) => set_aside::run(session, command).await,
        Some(RestoreCommand::Effects { what }) => upkeep::effects(session, *what).await,
    }
}

async fn restore(session: &Session, args: &RestoreArgs) -> Result<u8> {
    if args.abroad {
        return abroad(session, args).await;
    }
    let request = RestoreRequest {
        point: point(&args.point)?,
        destination: destination(session, args)?,
    };
    let world = session.world_of(OperationKind::Restore).await?;
    let available = Available::see(&world).await?;
    for (id, finding) in &available.unreadable {
        let warning = format!("warning: backup {id}: {}: {}", finding.file, finding.detail);
        session.output.say(&warning);
    }
    let live = match request.destination {
        Destination::CutOver(_) => Some(Live::see(&world).await?),
        Destination::Away(_) => None,
        // A scratch restore goes on without a live database; a point in time wants its lineage.
        Destination::Scratch => Live::see(&world).await.ok(),
    };
    let basis = basis(session, OperationKind::Restore)?;
    let plan = plan(&basis, &available, live.as_ref(), &request)?;
    let plan = match request.destination {
        Destination::CutOver(_) => {
            let cost = costs::of_serving(&world).await;
            costs::priced(plan, cost, failover::kept(session))
        }
        Destination::Scratch | Destination::Away(_) => plan,
    };
    let operation = Restore::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}

/// From what lies in the second place, into it. The live database is not asked: it may be lost.
async fn abroad(session: &Session, args: &RestoreArgs) -> Result<u8> {
    let world = session.world().await?;
    let available = Available::see(&world.seen_from_away()?).await?;
    let request = RestoreRequest {
        point: point(&args.point)?,
        destination: Destination::Away(world.away()?.place.clone()),
    };
    let basis = basis(session, OperationKind::Restore)?;
    let plan = plan(&basis, &available, None, &request)?;
    let operation = Restore::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}

/// What every plan of this room is made with.
fn basis(session: &Session, kind: OperationKind) -> Result<Basis<'_>> {
    Ok(Basis {
        environment: &session.environment,
        operation: session.new_operation(kind)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    })
}

fn point(args: &PointArgs) -> Result<Point> {
    Ok(match (&args.backup, &args.to) {
        (Some(id), _) => Point::Backup(BackupId::new(id.as_str())?),
        (None, Some(time)) => Point::Time(Timestamp::parse(time)?),
        (None, None) => Point::Newest,
    })
}

fn destination(session: &Session, args: &RestoreArgs) -> Result<Destination> {
    if !args.cut_over {
        return Ok(Destination::Scratch);
    }
    let name = &session.environment.name;
    let source = match &args.accept_data_loss {
        None => Source::Reachable,
        Some(accepted) if accepted == name.as_str() => Source::Unreachable,
        Some(other) => {
            return Err(Failure::refused(format!(
                "--accept-data-loss names '{other}', but the restore is of '{name}'"
            ))
            .left("nothing was changed"));
        }
    };
    Ok(Destination::CutOver(CutOverWish {
        source,
        acknowledge_within: args.patience.acknowledge_within.0,
    }))
}
