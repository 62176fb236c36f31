//! What a change of mode does.

use serde_json::json;

use crate::clock::Timestamp;
use crate::engine::{Action, Effect, Fact, OperationKind, Plan, Precondition, Severity, When};
use crate::environment::{Environment, Span};
use crate::failure::{Failure, Result};
use crate::names::{OperationId, ResourceName, StepName};
use crate::ports::{Descriptor, Mode, ProcessReport};
use crate::restore::frozen_by;

pub(super) const TELL: &str = "tell";
pub(super) const FOLLOW: &str = "follow";
pub(super) const TAKE_BACK: &str = "take-back";
/// The precondition's name.
const DESCRIPTOR: &str = "database descriptor";

/// What the plan is made from.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The opsctl that plans.
    pub opsctl_version: String,
    /// What the application is told at the moment.
    pub descriptor: Option<Descriptor>,
    /// The living processes.
    pub processes: Vec<ProcessReport>,
}

/// What a plan of a change of mode carries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceInputs {
    /// The mode that will hold.
    pub mode: Mode,
    /// The mode that holds now, and again when it fails.
    pub before: Mode,
    /// How long every process may take to follow.
    pub within: Span,
}

/// Plans a change of mode.
///
/// # Errors
/// Refuses when the environment was never set up, or another operation froze the application.
pub fn plan(
    observed: &Observed,
    mode: Mode,
    within: Span,
    environment: &Environment,
) -> Result<Plan> {
    let name = &environment.name;
    let descriptor = observed.descriptor.as_ref().ok_or_else(|| {
        Failure::refused(format!("'{name}' has no database yet"))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} migrate up"))
    })?;
    if let Some(operation) = frozen_by(descriptor) {
        return Err(
            Failure::refused(format!("{operation} has frozen the application"))
                .left("nothing was changed")
                .hint(format!("opsctl --env {name} operation resume {operation}")),
        );
    }
    let inputs = MaintenanceInputs {
        mode,
        before: descriptor.mode,
        within,
    };
    let severity = match mode {
        Mode::Normal => Severity::Mild,
        Mode::ReadOnly | Mode::Maintenance => Severity::Moderate,
    };
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: OperationKind::Maintenance,
        environment: name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        severity,
        resources: vec![ResourceName::new("database")?],
        actions: actions(&inputs),
        preconditions: vec![precondition(Some(descriptor))],
        context: facts(&inputs, observed),
        cost: None,
        unchecked: Vec::new(),
        point_of_no_return: None,
        inputs: json!(inputs),
    })
}

/// Nobody else changed what the application is told.
pub(super) fn precondition(descriptor: Option<&Descriptor>) -> Precondition {
    let value = descriptor.map_or_else(
        || "none".into(),
        |found| format!("generation {}", found.generation),
    );
    Precondition {
        name: DESCRIPTOR.into(),
        value,
        until: Some(StepName::fixed(TELL)),
    }
}

fn actions(inputs: &MaintenanceInputs) -> Vec<Action> {
    let action = |step, effect, object: &str, summary: String, when| Action {
        step: StepName::fixed(step),
        effect,
        object: object.into(),
        summary,
        when,
    };
    let (mode, before) = (inputs.mode.as_str(), inputs.before.as_str());
    let mut actions = vec![
        action(
            TELL,
            Effect::Change,
            "database descriptor",
            format!("tell the application: {mode}"),
            When::Success,
        ),
        action(
            FOLLOW,
            Effect::Read,
            "application",
            format!(
                "wait until every process follows, {} at most",
                inputs.within
            ),
            When::Success,
        ),
    ];
    // Opening again is never taken back: half open is better than closed by accident.
    if inputs.mode != Mode::Normal {
        actions.push(action(
            TAKE_BACK,
            Effect::Change,
            "database descriptor",
            format!("tell the application: {before}"),
            When::Failure,
        ));
    }
    actions
}

fn facts(inputs: &MaintenanceInputs, observed: &Observed) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    vec![
        fact("mode now", inputs.before.as_str().into()),
        fact("living processes", observed.processes.len().to_string()),
    ]
}
