//! `opsctl runbook`, and which runbook helps with which command.

use opsctl_core::engine::OperationKind;
use serde_json::{Value, json};

use crate::args::{Command, DrillCommand, MigrateCommand, RUNBOOKS, RestoreCommand, RunbookArgs};
use crate::output::{Output, Table, runbook_line};

/// Lists the runbooks, or prints one. Needs no configuration: at 3 a.m. that may be what is broken.
pub(super) fn run(output: &Output, args: &RunbookArgs) -> u8 {
    let wanted = args.name.as_deref();
    let found = RUNBOOKS.iter().find(|(name, _)| Some(*name) == wanted);
    match found {
        Some((name, text)) => {
            let document = json!({ "name": name, "path": path(name), "text": text });
            output.page(&document, text);
        }
        None => list(output),
    }
    0
}

fn list(output: &Output) {
    let value: Vec<Value> = RUNBOOKS
        .iter()
        .map(|(name, text)| json!({ "name": name, "path": path(name), "title": title(text) }))
        .collect();
    output.answer(&json!({ "runbooks": value }), || {
        let mut table = Table::new(&["name", "about"]);
        for (name, text) in RUNBOOKS {
            table.row([(*name).to_owned(), title(text).to_owned()]);
        }
        table.render()
    });
}

/// The line that names a runbook under something that went wrong.
pub(super) fn line(path: &str) -> String {
    runbook_line(path)
}

/// The runbook that helps with a command that failed before it had a plan.
pub(super) fn of(command: &Command) -> Option<&'static str> {
    let kind = match command {
        Command::Backup(_) => OperationKind::BackupCreate,
        Command::Deploy(_)
        | Command::Rollback(_)
        | Command::Status(_)
        | Command::Diff(_)
        | Command::History(_) => OperationKind::Deploy,
        Command::Data(_) => OperationKind::DataSeed,
        Command::Drill(DrillCommand::Restore(_)) => OperationKind::DrillRestore,
        Command::Env(_) => OperationKind::EnvAdopt,
        Command::Image(_) => OperationKind::ImagePush,
        Command::Maintenance(_) => OperationKind::Maintenance,
        Command::Secrets(_) => OperationKind::SecretsRotate,
        // It fails by its findings, which are about files and no operation.
        Command::Migrate(MigrateCommand::Lint { .. }) => return None,
        Command::Migrate(_) => OperationKind::MigrateUp,
        Command::Restore(args) => match args.command {
            Some(RestoreCommand::Undo(_) | RestoreCommand::SetAside(_)) => {
                OperationKind::RestoreUndo
            }
            Some(RestoreCommand::Rows(_)) => OperationKind::RestoreRows,
            _ => OperationKind::Restore,
        },
        Command::LocalPostgres(_) => return Some("runbooks/local-postgres.md"),
        Command::Evidence(_) => return Some("runbooks/evidence.md"),
        Command::Doctor => return Some("runbooks/doctor.md"),
        Command::Operation(_) | Command::Lock(_) => return Some("runbooks/operation.md"),
        _ => return None,
    };
    Some(kind.runbook())
}

fn path(name: &str) -> String {
    format!("runbooks/{name}.md")
}

fn title(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    first.trim_start_matches('#').trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runbook_is_carried_and_none_that_is_gone() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runbooks");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut there: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .collect();
        there.sort();
        let carried: Vec<&str> = RUNBOOKS.iter().map(|(name, _)| *name).collect();
        assert_eq!(carried, there);
    }

    #[test]
    fn every_runbook_that_a_command_names_is_carried() {
        for kind in [OperationKind::DrillRestore, OperationKind::RestoreUndo] {
            let known = RUNBOOKS
                .iter()
                .any(|(name, _)| path(name) == kind.runbook());
            assert!(known, "{kind}");
        }
    }
}
