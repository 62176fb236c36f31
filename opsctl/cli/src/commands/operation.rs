//! `opsctl operation`

use std::time::Duration;

use opsctl_core::Result;
use opsctl_core::engine::{JournalView, Record, RecordKind, StepHistory, abandon, list_operations};
use opsctl_core::names::OperationId;
use opsctl_core::operations::rebuild;
use serde_json::{Value, json};

use super::drive::go_on;
use super::{report, show};
use crate::args::OperationCommand;
use crate::output::Table;
use crate::session::Session;

/// How often `attach` looks for new records.
const GLANCE: Duration = Duration::from_millis(250);

/// Runs an operation command.
///
/// # Errors
/// When the journal can't be read, or for whatever stops a resumed operation.
pub async fn run(session: &Session, command: OperationCommand) -> Result<u8> {
    match command {
        OperationCommand::List { open } => list(session, open).await,
        OperationCommand::Show { id } => display(session, &OperationId::new(id)?).await,
        OperationCommand::Attach { id } => attach(session, &OperationId::new(id)?).await,
        OperationCommand::Resume { id } => resume(session, &OperationId::new(id)?).await,
        OperationCommand::Abandon { id, reason } => {
            give_up(session, &OperationId::new(id)?, &reason).await
        }
    }
}

async fn list(session: &Session, only_open: bool) -> Result<u8> {
    let mut views = Vec::new();
    for id in list_operations(session.store.as_ref()).await? {
        let view = JournalView::read(session.store.as_ref(), &id).await?;
        if view.is_open() || !only_open {
            views.push(view);
        }
    }
    views.sort_by_key(|view| view.plan.created_at);
    let value: Vec<Value> = views.iter().map(summary).collect();
    session.output.answer(&json!({ "operations": value }), || {
        let mut table = Table::new(&["operation", "began", "state", "by"]);
        for view in &views {
            table.row([
                view.plan.operation.to_string(),
                view.plan.created_at.to_the_second(),
                state(view).to_owned(),
                view.runner.principal.to_string(),
            ]);
        }
        table.render()
    });
    Ok(0)
}

fn state(view: &JournalView) -> &'static str {
    match (&view.outcome, &view.stopped) {
        (Some(outcome), _) => outcome.word(),
        (None, Some(_)) => "stopped",
        (None, None) => "open",
    }
}

fn summary(view: &JournalView) -> Value {
    json!({
        "operation": view.plan.operation,
        "kind": view.plan.kind,
        "environment": view.plan.environment,
        "created_at": view.plan.created_at,
        "state": state(view),
        "stopped": view.stopped,
        "runner": view.runner,
    })
}

async fn display(session: &Session, id: &OperationId) -> Result<u8> {
    let view = JournalView::read(session.store.as_ref(), id).await?;
    let mut value = summary(&view);
    value["plan"] = serde_json::to_value(&view.plan).unwrap_or_default();
    value["records"] = serde_json::to_value(&view.records).unwrap_or_default();
    session.output.answer(&value, || {
        let mut text = show::plan(&view.plan, session.output.width());
        text.push('\n');
        for record in &view.records {
            text.push_str(&format!(
                "{}  {}\n",
                record.at.to_the_second(),
                describe(record)
            ));
        }
        if view.torn {
            text.push_str("the last record is only half there: it counts as never written\n");
        }
        if view.is_open() {
            text.push_str(&format!("open: opsctl operation resume {id}\n"));
        }
        text
    });
    Ok(0)
}

fn describe(record: &Record) -> String {
    match &record.kind {
        RecordKind::Opened { runner, .. } => format!("opened by {}", runner.principal),
        RecordKind::Resumed { runner } => format!("resumed by {}", runner.principal),
        RecordKind::StepStarted { step } => format!("{step} started"),
        RecordKind::StepFinished {
            step,
            adopted: true,
            ..
        } => format!("{step} was done already"),
        RecordKind::StepFinished { step, .. } => format!("{step} finished"),
        RecordKind::StepFailed { step, failure } => format!("{step} failed: {failure}"),
        RecordKind::SteppedBack { step } => format!("{step} no longer holds"),
        RecordKind::Stopped { reason } => format!("stopped: {reason}"),
        RecordKind::Closed(outcome) => format!("over: {}", outcome.word()),
    }
}

/// Follows the journal until the operation is over or stops.
async fn attach(session: &Session, id: &OperationId) -> Result<u8> {
    let mut told = 0;
    loop {
        let view = JournalView::read(session.store.as_ref(), id).await?;
        for record in view.records.iter().skip(told) {
            session.output.say(&format!(
                "{}  {}",
                record.at.to_the_second(),
                describe(record)
            ));
        }
        told = view.records.len();
        if !view.is_open() || view.stopped.is_some() {
            let value = summary(&view);
            session
                .output
                .answer(&value, || format!("{id}: {}", state(&view)));
            return Ok(0);
        }
        tokio::time::sleep(GLANCE).await;
    }
}

async fn resume(session: &Session, id: &OperationId) -> Result<u8> {
    let view = JournalView::read(session.store.as_ref(), id).await?;
    let operation = rebuild(&view.plan, &session.world_for(&view.plan).await?)?;
    let done = view
        .steps
        .values()
        .filter(|step| matches!(step, StepHistory::Finished(_)))
        .count();
    session.output.say(&format!(
        "{id}: {done} of {} steps are done",
        view.plan.actions.len()
    ));
    let kind = view.plan.kind;
    go_on(session, &view, operation.as_ref(), |result| {
        report::of(kind, result)
    })
    .await
}

async fn give_up(session: &Session, id: &OperationId, reason: &str) -> Result<u8> {
    let (who, now) = (&session.runner.principal, session.now());
    let view = abandon(&session.store, id, who, reason, now).await?;
    let unfinished: Vec<String> = view
        .steps
        .iter()
        .filter(|(_, history)| !matches!(history, StepHistory::Finished(_)))
        .map(|(step, _)| step.to_string())
        .collect();
    session
        .output
        .answer(&summary(&view), || match unfinished.as_slice() {
            [] => format!("{id} is over"),
            steps => format!("{id} is over; of unknown effect: {}", steps.join(", ")),
        });
    Ok(0)
}
