//! Looking at backups: list, show, verify. Changes nothing.

use opsctl_core::backup::{BackupKind, Listed, Overview, Soundness, overview, soundness};
use opsctl_core::engine::{EventSink, OperationKind, Progress};
use opsctl_core::names::{BackupId, OperationId, StepName};
use opsctl_core::ports::{Backups, World};
use opsctl_core::{Failure, FailureKind, Result};
use serde_json::json;

use crate::output::Table;
use crate::output::units::{age, size};
use crate::session::Session;

pub async fn list(session: &Session) -> Result<u8> {
    let overview = overview(&session.world().await?).await?;
    if let (Some(lost), Some(place)) = (&overview.lost, &overview.away) {
        let what = format!("warning: the backups at home can't be listed: {lost}");
        session.output.say(&what);
        let what = format!("what lies in {place} can be restored there: opsctl restore --abroad");
        session.output.say(&what);
    }
    for warning in overview
        .warnings
        .iter()
        .chain(&overview.copies_behind)
        .chain(&overview.exports_behind)
    {
        session.output.say(&format!("warning: {warning}"));
    }
    let value = serde_json::to_value(&overview).unwrap_or_default();
    session.output.answer(&value, || table(&overview));
    Ok(0)
}

fn table(overview: &Overview) -> String {
    // A column that says the same everywhere says nothing.
    let kinds = !overview.exports.is_empty();
    let mut names = vec!["backup", "data of", "age", "size", "schema", "kept by"];
    names.extend(kinds.then_some("kind"));
    let mut table = Table::new(&names);
    for listed in overview.backups.iter().chain(&overview.exports) {
        let record = &listed.record;
        let mut row = vec![
            record.id.to_string(),
            record.recovery_point.taken_at.to_string(),
            age(listed.age_seconds),
            size(record.size_bytes),
            record
                .schema_version
                .map_or("none".into(), |version| version.to_string()),
            marks(listed),
        ];
        row.extend(kinds.then(|| kind(listed.kind).to_owned()));
        table.row(row);
    }
    for broken in &overview.unreadable {
        let fault = format!("{}: {}", broken.finding.file, broken.finding.detail);
        table.row([broken.id.to_string(), fault]);
    }
    let mut text = match overview.lost {
        // An empty table would say that there are none.
        Some(_) => String::new(),
        None => table.render(),
    };
    if let (Some(place), false) = (&overview.away, overview.copies.is_empty()) {
        text.push_str(&format!("\ncopies in {place}\n{}", copies(overview)));
    }
    if let Some(window) = &overview.window {
        text.push_str(&format!(
            "any moment from {} to {} can be restored\n",
            window.from, window.to
        ));
    }
    text
}

/// What lies in the second place, under the names of what it is a copy of.
fn copies(overview: &Overview) -> String {
    let mut table = Table::new(&["copy of", "data of", "age", "kept by"]);
    for listed in &overview.copies {
        table.row([
            listed.record.id.to_string(),
            listed.record.recovery_point.taken_at.to_string(),
            age(listed.age_seconds),
            marks(listed),
        ]);
    }
    table.render()
}

const fn kind(kind: BackupKind) -> &'static str {
    match kind {
        BackupKind::Backup => "backup",
        BackupKind::Export => "export",
    }
}

fn marks(listed: &Listed) -> String {
    let mut marks: Vec<String> = listed
        .pins
        .iter()
        .map(|pin| format!("pin of {}", pin.owner))
        .collect();
    if !listed.drills.is_empty() {
        marks.push(format!("{} passed drill(s)", listed.drills.len()));
    }
    marks.join(", ")
}

pub async fn show(session: &Session, id: &BackupId) -> Result<u8> {
    let listed = record(&session.world().await?, id).await?;
    let value = serde_json::to_value(&listed).unwrap_or_default();
    session.output.answer(&value, || describe(&listed));
    Ok(0)
}

fn describe(listed: &Listed) -> String {
    let record = &listed.record;
    let point = &record.recovery_point;
    let none = || "none".to_owned();
    let mut lines = vec![
        (kind(listed.kind), record.id.to_string()),
        (
            "database",
            format!("{} {}", record.engine.as_str(), record.engine_version),
        ),
        ("instance", record.instance_id.to_string()),
        ("lineage", record.lineage_id.to_string()),
        ("holds everything up to", point.taken_at.to_string()),
        (
            "newest heartbeat",
            point.newest_heartbeat.map_or_else(none, |b| b.to_string()),
        ),
        ("complete at", record.completed_at.to_string()),
        (
            "schema",
            record.schema_version.map_or_else(none, |v| v.to_string()),
        ),
        ("size", size(record.size_bytes)),
        ("manifest SHA-256", record.manifest_sha256.clone()),
    ];
    for pin in &listed.pins {
        let until = pin.until.map_or_else(none, |until| until.to_string());
        lines.push((
            "pin",
            format!("{}: {} (ends: {until})", pin.owner, pin.reason),
        ));
    }
    for mark in &listed.drills {
        lines.push((
            "passed drill",
            format!("{} at {}", mark.drill, mark.passed_at),
        ));
    }
    lines
        .iter()
        .map(|(name, value)| format!("{name:24}{value}\n"))
        .collect()
}

pub async fn verify(session: &Session, ids: &[String], all: bool) -> Result<u8> {
    let world = session.world().await?;
    let overview = overview(&world).await?;
    let ids = chosen(&overview, ids, all)?;
    let (step, operation) = (StepName::new("verify")?, OperationId::new("verify")?);
    // Reads show no progress: stdout and stderr hold the answer alone.
    let silent = EventSink::silent();
    let progress = Progress::new(&step, &operation, &silent, session.clock.as_ref());
    let mut results = Vec::with_capacity(ids.len());
    for id in &ids {
        let place = place(&world, &overview, id)?;
        results.push(soundness(place, id, &progress).await?);
    }
    sound(results.clone())?;
    let names: Vec<&BackupId> = results.iter().map(|result| &result.backup).collect();
    session.output.answer(&json!({ "good": names }), || {
        names
            .iter()
            .map(|id| format!("backup {id} is good: every file is what was written\n"))
            .collect()
    });
    Ok(0)
}

/// Where it lies. What is in no list is looked for among the backups, where it is told that there is none.
fn place<'w>(world: &'w World, overview: &Overview, id: &BackupId) -> Result<&'w dyn Backups> {
    let is_export = |listed: &Listed| listed.record.id == *id;
    match overview.exports.iter().any(is_export) || is_named_export(id) {
        true => world.exports().map(AsRef::as_ref),
        false => Ok(world.backups.as_ref()),
    }
}

/// One that can't be read is in no list, but has the name of its operation.
fn is_named_export(id: &BackupId) -> bool {
    id.as_str()
        .starts_with(OperationKind::BackupExport.as_str())
}

fn chosen(overview: &Overview, ids: &[String], all: bool) -> Result<Vec<BackupId>> {
    if !ids.is_empty() {
        return ids.iter().map(|id| BackupId::new(id.as_str())).collect();
    }
    let exports = overview.exports.iter().filter(|_| all);
    let mut known: Vec<BackupId> = exports
        .chain(&overview.backups)
        .map(|listed| listed.record.id.clone())
        .collect();
    if all {
        known.extend(overview.unreadable.iter().map(|broken| broken.id.clone()));
    } else {
        known = known.pop().into_iter().collect();
    }
    if known.is_empty() {
        return Err(Failure::new(
            FailureKind::PromiseBroken,
            "there is no backup: nothing could be restored",
        )
        .hint("opsctl backup create")
        .runbook("runbooks/backup.md"));
    }
    Ok(known)
}

/// One failure for all that are damaged.
fn sound(results: Vec<Soundness>) -> Result<()> {
    let broken: Vec<Failure> = results
        .into_iter()
        .filter_map(|result| result.into_result().err())
        .collect();
    let mut broken = broken.into_iter();
    let Some(mut first) = broken.next() else {
        return Ok(());
    };
    for other in broken {
        first.causes.push(other.to_string());
    }
    Err(first)
}

/// One backup of the list.
pub async fn record(world: &World, id: &BackupId) -> Result<Listed> {
    let overview = overview(world).await?;
    if let Some(broken) = overview.unreadable.iter().find(|broken| broken.id == *id) {
        return Err(Failure::failed(format!("backup '{id}' can't be used"))
            .cause(format!(
                "{}: {}",
                broken.finding.file, broken.finding.detail
            ))
            .hint("opsctl backup list")
            .runbook("runbooks/backup.md"));
    }
    let mut listed = overview.backups.into_iter().chain(overview.exports);
    listed
        .find(|listed| listed.record.id == *id)
        .ok_or_else(|| {
            Failure::usage(format!("there is no backup '{id}'")).hint("opsctl backup list")
        })
}
