//! What an operation came to, as text, by its kind: for runs that begin with a plan or a journal.

use opsctl_core::engine::OperationKind;
use serde_json::Value;

use super::{
    backup, data, deploy, drill, env, failover, image, maintenance, migrate, restore, secrets,
    self_test,
};

/// The report of a result.
#[must_use]
pub fn of(kind: OperationKind, result: &Value) -> String {
    match kind {
        OperationKind::Deploy | OperationKind::Rollback => deploy::report(result),
        OperationKind::DataSeed => data::report(result),
        OperationKind::BackupCreate => backup::created(result),
        OperationKind::BackupExport => backup::exported(result),
        OperationKind::BackupCopy => backup::copied(result),
        OperationKind::BackupPrune => backup::pruned(result),
        OperationKind::DrillFailover => failover::report(result),
        OperationKind::DrillRestore => drill::report(result),
        OperationKind::EnvAdopt => env::report(result),
        OperationKind::ImagePush | OperationKind::ImagePromote => image::shipped(result),
        OperationKind::Maintenance => maintenance::report(result),
        OperationKind::DrillSelfTest => self_test::report(result),
        OperationKind::MigrateUp | OperationKind::MigrateDown => migrate::report(result),
        OperationKind::Restore | OperationKind::RestoreUndo => restore::report(result),
        OperationKind::RestoreSetAside => restore::removed(result),
        OperationKind::SecretsFinish | OperationKind::SecretsRotate => secrets::report(result),
        OperationKind::RestoreRows => restore::rows_report(result),
        _ => serde_json::to_string_pretty(result).unwrap_or_default(),
    }
}
