//! `opsctl runbook`, and the runbooks that the binary carries.

use clap::Args;
use clap::builder::PossibleValuesParser;

/// The runbooks of a folder by their names, as they stood there at build time.
macro_rules! carried {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../", $folder, "/", $name, ".md")))),+]
    };
}

/// What to do with each part of the platform: one an operation, one a trouble.
pub const RUNBOOKS: &[(&str, &str)] = carried![
    "runbooks":
    "auth",
    "backup",
    "cache",
    "certificate",
    "conform",
    "database",
    "dead-letters",
    "deploy",
    "doctor",
    "drill-failover",
    "drill-restore",
    "env-adopt",
    "evidence",
    "flags",
    "image",
    "jobs",
    "local-postgres",
    "maintenance",
    "migrate",
    "on-call",
    "operation",
    "overload",
    "payments",
    "rehearsal",
    "reports",
    "restore",
    "restore-rows",
    "restore-undo",
    "schedule",
    "secrets",
    "sessions",
];

/// What to do when an alert calls, by the alert's name.
pub const ALERTS: &[(&str, &str)] = carried![
    "runbooks/alerts":
    "AlertmanagerAbsent",
    "AuthServiceGivenUp",
    "AutoscalerAtLimit",
    "BackupTooOld",
    "CacheDown",
    "CacheUnused",
    "CertificateExpires",
    "CertificateExpiresSoon",
    "ConfigurationRefused",
    "ConnectionPoolAlmostFull",
    "ConnectionPoolExhausted",
    "DatabaseDown",
    "DatabaseSessionsAlmostFull",
    "DiskFillsSoon",
    "DiskUsageHigh",
    "DrillOverdue",
    "ErrorBudgetBurns",
    "ErrorBudgetBurnsFast",
    "ErrorBudgetLeaks",
    "ErrorRateHigh",
    "FailoverPlanWaits",
    "FailuresAtLowTraffic",
    "JobsGivenUp",
    "JobsWaiting",
    "LoadBalancerErrors",
    "LogLinesDropped",
    "LogsNotShipped",
    "MemoryAlmostFull",
    "NodeNotReady",
    "NotificationsFail",
    "PodRestartsOften",
    "PodsMissing",
    "PromisesUnmeasured",
    "ReplicaLagHigh",
    "ReplicaNotRead",
    "RequestsShed",
    "ResponseTimeHigh",
    "RulesFail",
    "ScheduledRunMissing",
    "SecretRotationOverdue",
    "ServiceAbsent",
    "SlowStatements",
    "TargetDown",
    "TracesLost",
    "Watchdog",
];

#[derive(Debug, Args)]
pub struct RunbookArgs {
    /// The runbook to print, or the alert that called [default: list them]
    #[arg(value_parser = names(), ignore_case = true, hide_possible_values = true)]
    pub name: Option<String>,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(RUNBOOKS.iter().chain(ALERTS).map(|(name, _)| *name))
}
