//! `opsctl restore undo`

use opsctl_core::Result;
use opsctl_core::engine::OperationKind;
use opsctl_core::restore::{Aside, CutOverWish, Live, Source, Undo, plan_undo};

use super::super::drive::drive;
use super::{basis, report};
use crate::args::PatienceArgs;
use crate::session::Session;

/// Goes back to the database that was set aside.
pub(super) async fn undo(session: &Session, patience: &PatienceArgs) -> Result<u8> {
    let world = session.world_of(OperationKind::RestoreUndo).await?;
    let live = Live::see(&world).await?;
    let aside = Aside::see(&world, &live).await?;
    let wish = CutOverWish {
        source: Source::Reachable,
        acknowledge_within: patience.acknowledge_within.0,
    };
    let basis = basis(session, OperationKind::RestoreUndo)?;
    let plan = plan_undo(&basis, &live, &aside, &wish)?;
    let operation = Undo::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}
