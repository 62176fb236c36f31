//! From a plan back to the operation that carries it out: what `--plan` and `operation resume` need.

use crate::adopt::Adopt;
use crate::backup::{BackupCopy, BackupCreate, BackupExport, BackupPrune};
use crate::deploy::Deploy;
use crate::drill::{DrillRestore, DrillSelfTest};
use crate::engine::{Operation, OperationKind, Plan};
use crate::failover::{DrillFailover, DrillRegion};
use crate::failure::{Failure, Result};
use crate::image::Ship;
use crate::maintenance::Maintenance;
use crate::migrate::Migrate;
use crate::ports::World;
use crate::restore::{DiscardCopy, ReleaseEffects, RemoveSetAside, Restore, RestoreRows, Undo};
use crate::secrets::{Finish, Rotate};
use crate::seed::Seed;

/// The operation that a plan describes, over the given world.
///
/// # Errors
/// When this opsctl does not know the kind, or the plan's inputs have another form.
pub fn rebuild(plan: &Plan, world: &World) -> Result<Box<dyn Operation>> {
    match plan.kind {
        OperationKind::BackupCopy => Ok(Box::new(BackupCopy::from_plan(plan, world)?)),
        OperationKind::BackupCreate => Ok(Box::new(BackupCreate::from_plan(plan, world)?)),
        OperationKind::BackupExport => Ok(Box::new(BackupExport::from_plan(plan, world)?)),
        OperationKind::BackupPrune => Ok(Box::new(BackupPrune::from_plan(plan, world)?)),
        OperationKind::DataSeed => Ok(Box::new(Seed::new(plan, world)?)),
        OperationKind::Deploy | OperationKind::Rollback => {
            Ok(Box::new(Deploy::from_plan(plan, world)?))
        }
        OperationKind::DrillFailover if DrillRegion::is_of(plan) => {
            Ok(Box::new(DrillRegion::from_plan(plan, world)?))
        }
        OperationKind::DrillFailover => Ok(Box::new(DrillFailover::from_plan(plan, world)?)),
        OperationKind::DrillRestore => Ok(Box::new(DrillRestore::new(plan, world)?)),
        OperationKind::EnvAdopt => Ok(Box::new(Adopt::from_plan(plan, world)?)),
        OperationKind::ImagePromote | OperationKind::ImagePush => {
            Ok(Box::new(Ship::from_plan(plan, world)?))
        }
        OperationKind::Maintenance => Ok(Box::new(Maintenance::from_plan(plan, world)?)),
        OperationKind::DrillSelfTest => Ok(Box::new(DrillSelfTest::new(plan, world)?)),
        OperationKind::MigrateUp | OperationKind::MigrateDown => {
            Ok(Box::new(Migrate::new(plan, world)?))
        }
        OperationKind::Restore => Ok(Box::new(Restore::from_plan(plan, world)?)),
        OperationKind::RestoreDiscard => Ok(Box::new(DiscardCopy::from_plan(plan, world)?)),
        OperationKind::RestoreEffects => Ok(Box::new(ReleaseEffects::from_plan(plan, world)?)),
        OperationKind::RestoreRows => Ok(Box::new(RestoreRows::from_plan(plan, world)?)),
        OperationKind::RestoreSetAside => Ok(Box::new(RemoveSetAside::from_plan(plan, world)?)),
        OperationKind::RestoreUndo => Ok(Box::new(Undo::from_plan(plan, world)?)),
        OperationKind::SecretsFinish => Ok(Box::new(Finish::from_plan(plan, world)?)),
        OperationKind::SecretsRotate => Ok(Box::new(Rotate::from_plan(plan, world)?)),
        kind => Err(Failure::usage(format!(
            "this opsctl can't carry out '{kind}'"
        ))),
    }
}
