//! What the head of a migration's file has to say.

use super::Finding;
use crate::migrate::{Migration, Phase, split};

pub(super) fn lint(migration: &Migration) -> Vec<Finding> {
    let mut found = Vec::new();
    let head: Vec<&str> = migration
        .up
        .lines()
        .take_while(|line| line.starts_with("--"))
        .collect();
    let says = |text: &str| {
        head.iter()
            .position(|line| line[2..].trim().starts_with(text))
    };
    let phase = says("phase:").map(|at| head[at].trim_end());
    if !phase.is_some_and(|line| line.ends_with("expand") || line.ends_with("contract")) {
        let message = "the file does not say for which application it is made";
        found.push(
            Finding::error(migration, 1, "phase-missing", message)
                .help("begin it with -- phase: expand or -- phase: contract"),
        );
    }
    if migration.phase == Phase::Contract && migration.oldest_supported_app_schema.is_none() {
        let message = "a contract must say which application still serves after it";
        found.push(
            Finding::error(migration, 1, "floor-missing", message)
                .help("add -- oldest_supported_app_schema: <number>"),
        );
    }
    if let Some(at) = says("no-transaction").filter(|_| migration.in_transaction) {
        let message = "-- no-transaction counts only as the very first bytes of the file";
        found.push(Finding::error(
            migration,
            at + 1,
            "no-transaction-misplaced",
            message,
        ));
    }
    if migration.down.is_none() {
        let message = "there is no down file: it can't be taken back";
        found.push(Finding::warning(migration, 1, "down-missing", message));
    }
    if !migration.in_transaction
        && let Err(failure) = split(migration)
    {
        let cause = failure.causes.first().cloned().unwrap_or(failure.what);
        found.push(Finding::error(migration, 1, "not-resumable", &cause));
    }
    found
}
