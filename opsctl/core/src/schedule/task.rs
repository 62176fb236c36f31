//! The tasks that a schedule knows.

use crate::engine::OperationKind;
use crate::environment::{Promises, ScheduleSettings, Span, Timing};

/// Something that opsctl does with nobody watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    Backup,
    BackupCopy,
    BackupExport,
    BackupPrune,
    RestoreDrill,
    SecretsRotate,
    FailoverPlan,
}

/// What a task keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Promised {
    /// Its name in `opsctl.yaml`.
    pub name: &'static str,
    /// How old what it made may become.
    pub within: Span,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Backup,
        Self::BackupCopy,
        Self::BackupExport,
        Self::BackupPrune,
        Self::RestoreDrill,
        Self::SecretsRotate,
        Self::FailoverPlan,
    ];

    /// What its CronJob is called.
    #[must_use]
    pub const fn cron_job(self) -> &'static str {
        match self {
            Self::Backup => "opsctl-backup",
            Self::BackupCopy => "opsctl-backup-copy",
            Self::BackupExport => "opsctl-backup-export",
            Self::BackupPrune => "opsctl-backup-prune",
            Self::RestoreDrill => "opsctl-restore-drill",
            Self::SecretsRotate => "opsctl-secrets-rotate",
            Self::FailoverPlan => "opsctl-failover-plan",
        }
    }

    /// Its name below `schedule:`.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::BackupCopy => "copy",
            Self::BackupExport => "export",
            Self::BackupPrune => "prune",
            Self::RestoreDrill => "restore_drill",
            Self::SecretsRotate => "rotation",
            Self::FailoverPlan => "failover_plan",
        }
    }

    /// When it runs; None: it does not.
    #[must_use]
    pub const fn timing(self, schedule: &ScheduleSettings) -> Option<&Timing> {
        match self {
            Self::Backup => schedule.backup.as_ref(),
            Self::BackupCopy => schedule.copy.as_ref(),
            Self::BackupExport => schedule.export.as_ref(),
            Self::BackupPrune => schedule.prune.as_ref(),
            Self::RestoreDrill => schedule.restore_drill.as_ref(),
            Self::SecretsRotate => schedule.rotation.as_ref(),
            Self::FailoverPlan => schedule.failover_plan.as_ref(),
        }
    }

    /// The words behind `opsctl` and its global flags.
    #[must_use]
    pub fn words(self, schedule: &ScheduleSettings) -> Vec<String> {
        let ahead = schedule.rotation_ahead.to_string();
        let words: &[&str] = match self {
            Self::Backup => &["backup", "create"],
            Self::BackupCopy => &["backup", "copy"],
            Self::BackupExport => &["backup", "export"],
            Self::BackupPrune => &["backup", "prune"],
            Self::RestoreDrill => &["drill", "restore"],
            Self::SecretsRotate => &["secrets", "rotate", "all", "--due-within", &ahead],
            // A plan, and nothing but a plan: whoever reads it in the Job's log approves it and runs it.
            Self::FailoverPlan => &[
                "drill",
                "failover",
                "--kind",
                "region",
                "--dry-run",
                "--plan-out",
                "/work/plan.json",
            ],
        };
        words.iter().map(|&word| word.to_owned()).collect()
    }

    /// The operations that the guard would ask somebody about, who is asleep.
    #[must_use]
    pub const fn asks(self) -> &'static [OperationKind] {
        match self {
            Self::BackupPrune => &[OperationKind::BackupPrune],
            Self::SecretsRotate => &[OperationKind::SecretsRotate, OperationKind::SecretsFinish],
            _ => &[],
        }
    }

    /// What is promised of it, if anything is.
    #[must_use]
    pub fn promised(self, promises: &Promises, schedule: &ScheduleSettings) -> Option<Promised> {
        let (name, within) = match self {
            Self::Backup | Self::BackupCopy | Self::BackupExport => ("rpo", promises.rpo),
            Self::RestoreDrill => ("restore_drill", promises.restore_drill),
            Self::SecretsRotate => ("rotation_ahead", schedule.rotation_ahead),
            Self::FailoverPlan => ("failover_drill", promises.failover_drill),
            Self::BackupPrune => return None,
        };
        Some(Promised { name, within })
    }
}
