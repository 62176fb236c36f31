//! `opsctl runbook`, and the runbooks that the binary carries.

use clap::Args;
use clap::builder::PossibleValuesParser;

/// The runbooks by their names, as they stood in `runbooks/` at build time.
pub const RUNBOOKS: &[(&str, &str)] = &[
    ("auth", include_str!("../../../../runbooks/auth.md")),
    ("backup", include_str!("../../../../runbooks/backup.md")),
    ("cache", include_str!("../../../../runbooks/cache.md")),
    (
        "certificate",
        include_str!("../../../../runbooks/certificate.md"),
    ),
    ("database", include_str!("../../../../runbooks/database.md")),
    (
        "dead-letters",
        include_str!("../../../../runbooks/dead-letters.md"),
    ),
    ("deploy", include_str!("../../../../runbooks/deploy.md")),
    ("doctor", include_str!("../../../../runbooks/doctor.md")),
    (
        "drill-restore",
        include_str!("../../../../runbooks/drill-restore.md"),
    ),
    (
        "env-adopt",
        include_str!("../../../../runbooks/env-adopt.md"),
    ),
    ("evidence", include_str!("../../../../runbooks/evidence.md")),
    ("flags", include_str!("../../../../runbooks/flags.md")),
    ("image", include_str!("../../../../runbooks/image.md")),
    ("jobs", include_str!("../../../../runbooks/jobs.md")),
    (
        "local-postgres",
        include_str!("../../../../runbooks/local-postgres.md"),
    ),
    (
        "maintenance",
        include_str!("../../../../runbooks/maintenance.md"),
    ),
    ("migrate", include_str!("../../../../runbooks/migrate.md")),
    (
        "operation",
        include_str!("../../../../runbooks/operation.md"),
    ),
    ("overload", include_str!("../../../../runbooks/overload.md")),
    ("payments", include_str!("../../../../runbooks/payments.md")),
    ("reports", include_str!("../../../../runbooks/reports.md")),
    ("restore", include_str!("../../../../runbooks/restore.md")),
    (
        "restore-rows",
        include_str!("../../../../runbooks/restore-rows.md"),
    ),
    (
        "restore-undo",
        include_str!("../../../../runbooks/restore-undo.md"),
    ),
    ("secrets", include_str!("../../../../runbooks/secrets.md")),
    ("sessions", include_str!("../../../../runbooks/sessions.md")),
];

#[derive(Debug, Args)]
pub struct RunbookArgs {
    /// The runbook to print [default: list them]
    #[arg(value_parser = PossibleValuesParser::new(RUNBOOKS.iter().map(|(name, _)| *name)))]
    pub name: Option<String>,
}
