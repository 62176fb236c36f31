//! `opsctl restore rows`: first a copy, then a second plan that shows what would come back.

use opsctl_core::engine::OperationKind;
use opsctl_core::names::ScratchName;
use opsctl_core::ports::{Copy, CopyState, World};
use opsctl_core::restore::{
    Available, ConflictRule, Destination, Live, Restore, RestoreRequest, RestoreRows, RowsRequest,
    plan, plan_rows, preview,
};
use opsctl_core::{Failure, FailureKind, Result};

use super::super::drive::{carry_out, drive};
use super::{basis, point, report, rows_report};
use crate::args::RowsArgs;
use crate::session::Session;

/// Brings rows back.
pub(super) async fn restore(session: &Session, args: &RowsArgs) -> Result<u8> {
    let world = session.world().await?;
    let name = match &args.copy {
        Some(name) => ScratchName::new(name.as_str())?,
        None => match new_copy(session, &world, args).await? {
            Made::Copy(name) => name,
            Made::OnlyShown(code) => return Ok(code),
        },
    };
    let copy = running(&world, &name).await?;
    let live = Live::see(&world).await?;
    let request = RowsRequest {
        table: args.table.clone(),
        condition: args.condition.clone(),
    };
    let rows = world.rows.as_ref();
    let found = preview(rows, &copy.location, &live.administrator, &request).await;
    let found = found.map_err(|failure| with_copy(failure, &name))?;
    let rule = match args.skip_conflicts {
        true => ConflictRule::Skip,
        false => ConflictRule::Refuse,
    };
    let basis = basis(session, OperationKind::RestoreRows)?;
    let plan = plan_rows(&basis, &live, &copy, &request, (&found, rule))
        .map_err(|failure| with_copy(failure, &name))?;
    let operation = RestoreRows::from_plan(&plan, &world)?;
    let driven = drive(session, &plan, &operation, rows_report).await;
    driven.map_err(|failure| match failure.kind {
        FailureKind::Refused => with_copy(failure, &name),
        _ => failure,
    })
}

enum Made {
    Copy(ScratchName),
    OnlyShown(u8),
}

async fn new_copy(session: &Session, world: &World, args: &RowsArgs) -> Result<Made> {
    let available = Available::see(world).await?;
    let live = Live::see(world).await?;
    let request = RestoreRequest {
        point: point(&args.point)?,
        destination: Destination::Scratch,
    };
    let basis = basis(session, OperationKind::Restore)?;
    let plan = plan(&basis, &available, Some(&live), &request)?;
    let operation = Restore::from_plan(&plan, world)?;
    if session.global.dry_run || session.global.plan_out.is_some() {
        let more =
            "what comes back is known when the copy is there: a second plan shows it, and asks";
        session.output.say(more);
        return Ok(Made::OnlyShown(
            drive(session, &plan, &operation, report).await?,
        ));
    }
    carry_out(session, &plan, &operation).await?;
    Ok(Made::Copy(plan.operation.scratch()))
}

async fn running(world: &World, name: &ScratchName) -> Result<Copy> {
    match world.copies.state(name).await? {
        CopyState::Running(copy) => Ok(copy),
        _ => Err(
            Failure::refused(format!("there is no copy '{name}' that runs"))
                .left("nothing was changed")
                .hint("opsctl restore list"),
        ),
    }
}

/// The copy took its time: the next attempt need not make it again.
fn with_copy(failure: Failure, name: &ScratchName) -> Failure {
    failure.hint(format!("add --copy {name}: the copy is there already"))
}
