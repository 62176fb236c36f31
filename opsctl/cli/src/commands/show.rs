//! Plans and other documents as text.

use std::path::Path;

use opsctl_core::engine::{Action, Plan, When};
use opsctl_core::{Failure, Result};

use crate::output::{Table, hanging};
use crate::session::Session;

/// So many conditions of a plan are shown.
const CONDITIONS: usize = 20;

/// A plan as text, for lines of this width.
#[must_use]
pub fn plan(plan: &Plan, width: Option<usize>) -> String {
    let mut text = format!("plan of {} on {}\n\n", plan.operation, plan.environment);
    let mut table = Table::new(&["#", "step", "what", "object"]);
    for (index, action) in plan.actions.iter().enumerate() {
        table.row([
            (index + 1).to_string(),
            action.step.to_string(),
            what(action),
            action.object.clone(),
        ]);
    }
    text.push_str(&table.render_within(width));
    text.push_str(&super::deploy::changes(plan, width));
    let facts = plan.context.iter();
    let mut lines: Vec<String> = facts
        .map(|fact| format!("{}: {}", fact.name, fact.value))
        .collect();
    lines.extend(conditions(plan));
    lines.extend(
        plan.unchecked
            .iter()
            .map(|what| format!("not checked: {what}")),
    );
    for line in lines {
        text.push_str(&format!("{}\n", hanging(&line, width)));
    }
    text
}

/// What a plan costs, where somebody is billed for it.
#[must_use]
pub fn cost(plan: &Plan) -> Option<String> {
    plan.cost.as_ref()?;
    let fact = plan.context.iter().find(|fact| fact.name == "cost")?;
    Some(format!("cost: {}", fact.value))
}

/// Under what it holds; of very many conditions the first.
fn conditions(plan: &Plan) -> Vec<String> {
    let all = &plan.preconditions;
    let shown = all.iter().take(CONDITIONS);
    let mut lines: Vec<String> = shown
        .map(|it| format!("as long as {} is {}", it.name, it.value))
        .collect();
    if let Some(more @ 1..) = all.len().checked_sub(CONDITIONS) {
        lines.push(format!(
            "and {more} more conditions (--output json has them)"
        ));
    }
    lines
}

fn what(action: &Action) -> String {
    match action.when {
        When::Success => action.summary.clone(),
        When::Failure => format!("(if a step fails) {}", action.summary),
        When::Always => format!("(in any case) {}", action.summary),
    }
}

/// Writes a plan for somebody else to approve.
///
/// # Errors
/// When the file can't be written.
pub fn keep_plan(session: &Session, plan: &Plan, file: &Path) -> Result<u8> {
    let bytes = opsctl_core::state::encode(plan)?;
    std::fs::write(file, bytes).map_err(|error| {
        Failure::usage(format!("can't write {}", file.display())).because(error)
    })?;
    session.output.say(&format!(
        "the plan is in {}; its hash is {}",
        file.display(),
        plan.hash()
    ));
    Ok(0)
}
