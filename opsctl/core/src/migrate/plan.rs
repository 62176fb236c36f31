//! What a migration will do. Pure.

use super::parts::{Planned, parts};
use super::{MigrateInputs, Migration, SchemaStatus, Target};
use crate::clock::Timestamp;
use crate::engine::{Action, Effect, Fact, OperationKind, Plan, Precondition, Severity, When};
use crate::environment::Environment;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{OperationId, ResourceName, StepName};
use crate::ports::Engine;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Everything that is pending.
    Up,
    /// Back to this number.
    DownTo(i64),
}

/// What was asked for and what was found.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The version of opsctl.
    pub opsctl_version: String,
    /// The engine.
    pub engine: Engine,
    /// The database.
    pub target: Target,
    /// How its schema stands.
    pub status: SchemaStatus,
    /// Which way.
    pub direction: Direction,
    /// The risks that are accepted, by their ids.
    pub accepted: Vec<String>,
}

/// Plans.
///
/// # Errors
/// When the database's migrations drifted, or one can't be taken back or resumed.
pub fn plan(observed: &Observed, carried: &[Migration], environment: &Environment) -> Result<Plan> {
    observed.status.sound()?;
    let chosen = choose(observed, carried)?;
    let inputs = MigrateInputs {
        engine: observed.engine,
        target: observed.target.clone(),
        versions: chosen.iter().map(|m| (m.version, m.checksum())).collect(),
        down: matches!(observed.direction, Direction::DownTo(_)),
        accepted: observed.accepted.clone(),
    };
    let planned = parts(inputs.engine, &chosen, inputs.down)?;
    let first = planned.first().map(|first| first.step.clone());
    let new = matches!(observed.target, Target::New(_));
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: if inputs.down {
            OperationKind::MigrateDown
        } else {
            OperationKind::MigrateUp
        },
        environment: environment.name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        severity: severity(&inputs, new),
        resources: vec![ResourceName::new("database")?],
        actions: actions(planned, new),
        preconditions: preconditions(observed, first.clone()),
        context: vec![Fact {
            name: "schema now".into(),
            value: observed.status.version().to_string(),
        }],
        cost: None,
        unchecked: Vec::new(),
        // A migration that was applied stays applied: what comes after it is tried again.
        point_of_no_return: first,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

fn choose(observed: &Observed, carried: &[Migration]) -> Result<Vec<Migration>> {
    match observed.direction {
        Direction::Up => {
            let pending = |m: &&Migration| observed.status.pending.contains(&m.version);
            Ok(carried.iter().filter(pending).cloned().collect())
        }
        Direction::DownTo(floor) => {
            let has = |m: &&Migration| {
                m.version > floor
                    && observed
                        .status
                        .applied
                        .iter()
                        .any(|a| a.version == m.version)
            };
            let chosen: Vec<Migration> = carried.iter().rev().filter(has).cloned().collect();
            match chosen.iter().find(|migration| migration.down.is_none()) {
                None => Ok(chosen),
                Some(stuck) => Err(Failure::new(
                    FailureKind::Refused,
                    format!("{} can't be taken back", stuck.title()),
                )
                .cause("it has no down file")
                .left("nothing was changed")),
            }
        }
    }
}

const fn severity(inputs: &MigrateInputs, new: bool) -> Severity {
    match (inputs.down, new || inputs.versions.is_empty()) {
        (true, _) => Severity::Severe,
        (false, true) => Severity::Mild,
        (false, false) => Severity::Moderate,
    }
}

fn actions(planned: Vec<Planned>, new: bool) -> Vec<Action> {
    let action = |step: StepName, effect, object: &str, summary: String| Action {
        step,
        effect,
        object: object.to_owned(),
        summary,
        when: When::Success,
    };
    let mut actions = Vec::new();
    if new {
        let step = StepName::fixed(super::steps::CREATE);
        actions.push(action(
            step,
            Effect::Create,
            "database",
            "make the empty database".into(),
        ));
    }
    for part in planned {
        actions.push(action(part.step, Effect::Change, "schema", part.summary));
    }
    if new {
        let step = StepName::fixed(super::steps::IDENTIFY);
        actions.push(action(
            step,
            Effect::Create,
            "identity",
            "say which database it is".into(),
        ));
        let step = StepName::fixed(super::steps::POINT);
        let summary = "tell the application where it is".into();
        actions.push(action(step, Effect::Create, "descriptor", summary));
    }
    actions
}

fn preconditions(observed: &Observed, first: Option<StepName>) -> Vec<Precondition> {
    match &observed.target {
        Target::New(_) => Vec::new(),
        Target::Existing { .. } => vec![Precondition {
            name: "schema".into(),
            value: observed.status.version().to_string(),
            until: first,
        }],
    }
}
