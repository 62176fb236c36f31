//! `opsctl runbook`, and which runbook helps with which command.

use opsctl_core::Result;
use opsctl_core::engine::OperationKind;
use opsctl_core::names::EnvironmentName;
use serde_json::{Value, json};

use crate::args::{
    ALERTS, Command, DrillCommand, MigrateCommand, RUNBOOKS, RestoreCommand, RunbookArgs,
};
use crate::output::{Output, Table, runbook_line};

/// Lists the runbooks, or prints one with the environment in its commands. Needs no configuration: at 3 a.m. that may be what is
/// broken.
///
/// # Errors
/// When no environment can have such a name.
pub(super) fn run(output: &Output, args: &RunbookArgs, environment: Option<&str>) -> Result<u8> {
    let environment = environment.map(EnvironmentName::new).transpose()?;
    let Some(wanted) = args.name.as_deref() else {
        list(output);
        return Ok(0);
    };
    let of_alert = |(name, text): &(&'static str, &'static str)| (alert_path(name), *name, *text);
    let of_part = |(name, text): &(&'static str, &'static str)| (path(name), *name, *text);
    let all = RUNBOOKS
        .iter()
        .map(of_part)
        .chain(ALERTS.iter().map(of_alert));
    let mut found = all.filter(|(_, name, _)| name.eq_ignore_ascii_case(wanted));
    if let Some((path, name, text)) = found.next() {
        let text = filled(text, environment.as_ref());
        let document = json!({ "name": name, "path": path, "text": text });
        output.page(&document, &text);
    }
    Ok(0)
}

/// The text with the environment in each command of opsctl, so that it can be copied as it stands.
fn filled(text: &str, environment: Option<&EnvironmentName>) -> String {
    let Some(name) = environment.filter(|name| name.as_str() != "local") else {
        return text.to_owned();
    };
    let with = format!("opsctl --env {name} ");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        inside ^= line.starts_with("```");
        let begins = |line: &str| line.starts_with("opsctl ") && !line.contains("--env ");
        lines.push(match inside {
            true if begins(line) => line.replacen("opsctl ", &with, 1),
            true => line.to_owned(),
            false => line.replace("`opsctl ", &format!("`{with}")),
        });
    }
    lines.join("\n") + "\n"
}

fn list(output: &Output) {
    let of_parts = RUNBOOKS.iter().map(|(name, text)| (path(name), name, text));
    let of_alerts = ALERTS
        .iter()
        .map(|(name, text)| (alert_path(name), name, text));
    let value: Vec<Value> = of_parts
        .chain(of_alerts)
        .map(|(path, name, text)| json!({ "name": name, "path": path, "title": title(text) }))
        .collect();
    output.answer(&json!({ "runbooks": value }), || {
        let mut table = Table::new(&["name", "about"]);
        for (name, text) in RUNBOOKS.iter().chain(ALERTS) {
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
        Command::Drill(DrillCommand::Failover(_)) => OperationKind::DrillFailover,
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
        Command::Conform(_) => return Some("runbooks/conform.md"),
        Command::Doctor => return Some("runbooks/doctor.md"),
        Command::Schedule(_) => return Some("runbooks/schedule.md"),
        Command::Operation(_) | Command::Lock(_) => return Some("runbooks/operation.md"),
        _ => return None,
    };
    Some(kind.runbook())
}

fn path(name: &str) -> String {
    format!("runbooks/{name}.md")
}

fn alert_path(name: &str) -> String {
    format!("runbooks/alerts/{name}.md")
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
        for (folder, carried) in [("runbooks", RUNBOOKS), ("runbooks/alerts", ALERTS)] {
            let folder = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
            let entries = std::fs::read_dir(folder).unwrap();
            let mut there: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
                .collect();
            there.sort();
            let carried: Vec<&str> = carried.iter().map(|(name, _)| *name).collect();
            assert_eq!(carried, there);
        }
    }

    #[test]
    fn commands_of_a_runbook_are_for_the_environment_that_was_named() {
        let text = "# A\n\nSee `opsctl runbook a`, not opsctl.\n\n```sh\nopsctl doctor\nkubectl get pods\nopsctl --env x doctor\n```\n";
        let production = EnvironmentName::new("production").unwrap();
        let expected = "# A\n\nSee `opsctl --env production runbook a`, not opsctl.\n\n```sh\nopsctl --env production doctor\nkubectl get pods\nopsctl --env x doctor\n```\n";
        assert_eq!(filled(text, Some(&production)), expected);
        let local = EnvironmentName::new("local").unwrap();
        for nobody in [None, Some(&local)] {
            assert_eq!(filled(text, nobody), text);
        }
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
