//! What the executor needs to know of an operation.

use std::fmt;

use async_trait::async_trait;

use super::{Conclusion, ErasedStep, Outputs, Precondition};
use crate::clock::Timestamp;
use crate::failure::Result;
use crate::names::OperationId;

/// The operations of the product: command = module = runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// `opsctl backup copy`
    BackupCopy,
    /// `opsctl backup create`
    BackupCreate,
    /// `opsctl backup export`
    BackupExport,
    /// `opsctl backup prune`
    BackupPrune,
    /// `opsctl backup verify`
    BackupVerify,
    /// `opsctl data seed`
    DataSeed,
    /// `opsctl deploy`
    Deploy,
    /// `opsctl drill failover`
    DrillFailover,
    /// `opsctl drill restore`
    DrillRestore,
    /// `opsctl drill restore --self-test`
    DrillSelfTest,
    /// `opsctl env adopt`
    EnvAdopt,
    /// `opsctl image promote`
    ImagePromote,
    /// `opsctl image build --push`
    ImagePush,
    /// `opsctl maintenance on|off`
    Maintenance,
    /// `opsctl migrate up`
    MigrateUp,
    /// `opsctl migrate down`
    MigrateDown,
    /// `opsctl restore`
    Restore,
    /// `opsctl restore discard`
    RestoreDiscard,
    /// `opsctl restore effects`
    RestoreEffects,
    /// `opsctl restore rows`
    RestoreRows,
    /// `opsctl restore set-aside remove`
    RestoreSetAside,
    /// `opsctl restore undo`
    RestoreUndo,
    /// `opsctl rollback`
    Rollback,
    /// `opsctl secrets rotate --finish`
    SecretsFinish,
    /// `opsctl secrets init | rotate`
    SecretsRotate,
}

impl OperationKind {
    /// The word that begins this kind's operation ids.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BackupCopy => "backup-copy",
            Self::BackupCreate => "backup-create",
            Self::BackupExport => "backup-export",
            Self::BackupPrune => "backup-prune",
            Self::BackupVerify => "backup-verify",
            Self::DataSeed => "data-seed",
            Self::Deploy => "deploy",
            Self::DrillFailover => "drill-failover",
            Self::DrillRestore => "drill-restore",
            Self::DrillSelfTest => "drill-self-test",
            Self::EnvAdopt => "env-adopt",
            Self::ImagePromote => "image-promote",
            Self::ImagePush => "image-push",
            Self::Maintenance => "maintenance",
            Self::MigrateUp => "migrate-up",
            Self::MigrateDown => "migrate-down",
            Self::Restore => "restore",
            Self::RestoreDiscard => "restore-discard",
            Self::RestoreEffects => "restore-effects",
            Self::RestoreRows => "restore-rows",
            Self::RestoreSetAside => "restore-set-aside",
            Self::RestoreUndo => "restore-undo",
            Self::Rollback => "rollback",
            Self::SecretsFinish => "secrets-finish",
            Self::SecretsRotate => "secrets-rotate",
        }
    }

    /// The runbook that helps when one of these fails, as a path in the repository.
    #[must_use]
    pub const fn runbook(self) -> &'static str {
        match self {
            Self::BackupCopy
            | Self::BackupCreate
            | Self::BackupExport
            | Self::BackupPrune
            | Self::BackupVerify => "runbooks/backup.md",
            Self::DataSeed => "runbooks/operation.md",
            Self::Deploy | Self::Rollback => "runbooks/deploy.md",
            Self::DrillFailover => "runbooks/drill-failover.md",
            Self::DrillRestore | Self::DrillSelfTest => "runbooks/drill-restore.md",
            Self::EnvAdopt => "runbooks/env-adopt.md",
            Self::ImagePromote | Self::ImagePush => "runbooks/image.md",
            Self::Maintenance => "runbooks/maintenance.md",
            Self::MigrateUp | Self::MigrateDown => "runbooks/migrate.md",
            Self::Restore | Self::RestoreDiscard | Self::RestoreEffects => "runbooks/restore.md",
            Self::RestoreRows => "runbooks/restore-rows.md",
            Self::RestoreUndo | Self::RestoreSetAside => "runbooks/restore-undo.md",
            Self::SecretsFinish | Self::SecretsRotate => "runbooks/secrets.md",
        }
    }

    /// A fresh operation id; time and randomness are the caller's.
    ///
    /// # Errors
    /// Never for a real clock: the parts are fixed in spelling.
    pub fn new_id(self, now: Timestamp, random: u32) -> Result<OperationId> {
        OperationId::new(format!("{}-{}-{random:08x}", self.as_str(), now.compact()))
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation that can run: built from a plan alone, so that a run can be resumed elsewhere.
#[async_trait]
pub trait Operation: Send + Sync {
    /// The steps, in the order of the plan's actions and with their names.
    fn steps(&self) -> Vec<Box<dyn ErasedStep>>;

    /// The present values of the plan's preconditions, by the same names.
    async fn observe(&self) -> Result<Vec<Precondition>>;

    /// Whether it may begin at all: looked at once, under the lock, before the first step. For what is judged and not
    /// compared, such as the size of a table.
    ///
    /// # Errors
    /// The refusal.
    async fn admits(&self) -> Result<()> {
        Ok(())
    }

    /// The result document and the verdict, from what the steps put out.
    ///
    /// # Errors
    /// When an output that must be there is missing.
    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion>;
}
