//! What a release changes, field by field, as text.

use opsctl_core::deploy::diff::{FieldChange, LineChange, LineKind, Shown};
use opsctl_core::deploy::{DeployInputs, Difference};
use opsctl_core::engine::{OperationKind, Plan};
use serde_json::Value;

use crate::output::hanging;

/// The changes of a plan; empty for plans that are no release.
#[must_use]
pub fn changes(plan: &Plan, width: Option<usize>) -> String {
    if !matches!(plan.kind, OperationKind::Deploy | OperationKind::Rollback) {
        return String::new();
    }
    let Ok(inputs) = plan.inputs::<DeployInputs>() else {
        return String::new();
    };
    let differences = inputs.differences();
    let texts = differences.iter().map(|it| difference(it, width));
    texts.collect()
}

/// One object: `+` is new, `-` goes, `~` changes.
#[must_use]
pub fn difference(difference: &Difference, width: Option<usize>) -> String {
    match difference {
        Difference::New { object } => format!("+ {object}\n"),
        Difference::Gone { object } => format!("- {object}\n"),
        Difference::Changed { object, fields } => {
            let lines: String = fields.iter().map(|it| field(it, width)).collect();
            format!("~ {object}\n{lines}")
        }
    }
}

/// One field: its path, what it was, what it becomes, and who else has it.
#[must_use]
pub fn field(change: &FieldChange, width: Option<usize>) -> String {
    let width = width.map(|width| width - 4);
    let mut lines = match change.lines.is_empty() {
        true => vec![format!(
            "{}: {} → {}",
            change.path,
            shown(change.before.as_ref()),
            shown(change.after.as_ref())
        )],
        false => texts(change),
    };
    if let Some(owner) = &change.owner {
        let time = owner
            .time
            .map(|time| format!(" at {time}"))
            .unwrap_or_default();
        lines.push(format!("  set by {}{time}", owner.manager));
    }
    let lines = lines
        .iter()
        .map(|line| hanging(line, width).replace('\n', "\n    "));
    lines.map(|line| format!("    {line}\n")).collect()
}

fn texts(change: &FieldChange) -> Vec<String> {
    let head = std::iter::once(format!("{}:", change.path));
    head.chain(change.lines.iter().map(line)).collect()
}

fn line(line: &LineChange) -> String {
    let sign = match line.kind {
        LineKind::Kept => ' ',
        LineKind::Removed => '-',
        LineKind::Added => '+',
        LineKind::Gap => return "  …".to_owned(),
    };
    format!("  {sign} {}", line.text)
}

/// Texts as they are, everything else as JSON; what is not there is a dash.
fn shown(value: Option<&Shown>) -> String {
    match value.map(|shown| &shown.0) {
        None => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
