//! `opsctl migrate plan` and `lint`: they change nothing.

use std::path::Path;

use opsctl_core::migrate::{
    Direction, Finding, RiskLevel, StatementRisk, Weight, from_folder, lint, of,
};
use opsctl_core::{Failure, FailureKind, Result};
use serde_json::json;

use super::{observe, pending, prepare};
use crate::args::AcceptArgs;
use crate::output::Table;
use crate::session::Session;

/// What is pending, and what it would do.
pub(super) async fn plan(session: &Session, exit_code: bool) -> Result<u8> {
    let world = session.world().await?;
    let (_, status) = observe(session, &world).await?;
    let (_, migrate) = prepare(session, Direction::Up, &AcceptArgs::default()).await?;
    let found = migrate.risks().await?;
    let carried = of(session.environment.settings.database.engine());
    let titles: Vec<String> = carried
        .iter()
        .filter(|migration| status.pending.contains(&migration.version))
        .map(opsctl_core::migrate::Migration::title)
        .collect();
    let value = json!({ "pending": titles, "risks": found });
    session.output.answer(&value, || tell(&titles, &found));
    if exit_code { pending(&status) } else { Ok(0) }
}

fn tell(titles: &[String], risks: &[StatementRisk]) -> String {
    if titles.is_empty() {
        return "nothing is pending".into();
    }
    let mut lines: Vec<String> = titles
        .iter()
        .map(|title| format!("pending {title}"))
        .collect();
    for risk in risks {
        let level = match risk.level {
            RiskLevel::Note => "note",
            RiskLevel::Risky => "RISKY",
        };
        lines.push(format!(
            "{level} {} (line {}) {}",
            risk.id, risk.line, risk.statement
        ));
        lines.push(format!("    {}", risk.words));
        if risk.level == RiskLevel::Risky {
            lines.push(format!(
                "    migrate up refuses it without --accept-risk={}",
                risk.id
            ));
        }
    }
    if risks.is_empty() {
        lines.push("no statement touches a table that exists already".into());
    }
    lines.join("\n")
}

/// What is wrong with the files.
pub(super) fn check(session: &Session, folder: Option<&Path>) -> Result<u8> {
    let engine = session.environment.settings.database.engine();
    let migrations = match folder {
        Some(folder) => from_folder(folder)?,
        None => of(engine),
    };
    let found = lint(engine, &migrations);
    let value = json!({ "migrations": migrations.len(), "findings": found });
    session
        .output
        .answer(&value, || show(&found, migrations.len()));
    let errors = found
        .iter()
        .filter(|finding| finding.weight == Weight::Error)
        .count();
    if errors == 0 {
        return Ok(0);
    }
    Err(Failure::new(
        FailureKind::Failed,
        format!("{errors} error(s) in the migrations"),
    )
    .left("nothing was changed: lint only reads")
    .runbook("runbooks/migrate.md"))
}

fn show(found: &[Finding], files: usize) -> String {
    if found.is_empty() {
        return format!("{files} migrations, nothing to say");
    }
    let mut table = Table::new(&["migration", "line", "weight", "rule", "what"]);
    for finding in found {
        let help = finding
            .help
            .as_ref()
            .map_or(String::new(), |help| format!(" ({help})"));
        table.row([
            format!("{:04}", finding.version),
            finding.line.to_string(),
            format!("{:?}", finding.weight).to_lowercase(),
            finding.rule.clone(),
            format!("{}{help}", finding.message),
        ]);
    }
    table.render()
}
