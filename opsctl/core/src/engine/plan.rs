//! What is going to happen, decided before anything happens.
//!
//! A plan is pure data: `--dry-run` prints the object that a run executes. Preconditions are hashed and
//! re-checked before each step; context is shown only, because sizes and ages always drift.

use sha2::{Digest, Sha256};

use super::OperationKind;
use crate::clock::Timestamp;
use crate::costs::Cost;
use crate::environment::Environment;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{EnvironmentName, OperationId, ResourceName, StepName};

/// How much a mistake would hurt: it decides what has to be confirmed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Harmless: never asked about.
    Mild,
    /// Asked y/N; `--yes` answers.
    Moderate,
    /// The environment's name must be typed, or given by `--confirm`.
    Severe,
}

/// What an action does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Looks at it.
    Read,
    /// Makes it.
    Create,
    /// Changes it.
    Change,
    /// Ends it.
    Destroy,
}

/// When an action runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// In its turn, while all goes well.
    #[default]
    Success,
    /// Only after a step failed: this is how the operation goes back.
    Failure,
    /// In its turn, and after a failure too: this is how scratch goes away.
    Always,
}

/// One action of a plan; the step of the same name carries it out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Action {
    /// The step.
    pub step: StepName,
    /// What it does to its object.
    pub effect: Effect,
    /// The object, by its full name.
    pub object: String,
    /// The action in words.
    pub summary: String,
    /// When it runs.
    #[serde(default)]
    pub when: When,
}

/// Something that must still be so when a step begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Precondition {
    /// What is looked at.
    pub name: String,
    /// What it was when the plan was made.
    pub value: String,
    /// The step that changes it on purpose: from its start on it is no longer checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<StepName>,
}

/// Something worth knowing that may change freely.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value, with its unit.
    pub value: String,
}

/// What a plan is made with: nothing here is decided by it.
#[derive(Debug, Clone)]
pub struct Basis<'a> {
    /// What `opsctl.yaml` says.
    pub environment: &'a Environment,
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The opsctl that plans.
    pub opsctl_version: &'a str,
}

/// What a run will do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of this document: [`Plan::FORMAT`].
    pub format: u32,
    /// The operation that this plan is for; created names derive from it.
    pub operation: OperationId,
    /// What kind of operation it is.
    pub kind: OperationKind,
    /// Where it runs.
    pub environment: EnvironmentName,
    /// When it was made.
    pub created_at: Timestamp,
    /// The opsctl that made it.
    pub opsctl_version: String,
    /// How much a mistake would hurt.
    pub severity: Severity,
    /// What it locks while it runs.
    pub resources: Vec<ResourceName>,
    /// What it does, in order.
    pub actions: Vec<Action>,
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// What is good to know.
    pub context: Vec<Fact>,
    /// What it costs, where somebody is billed for it. Not hashed: prices drift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// What could not be checked beforehand.
    pub unchecked: Vec<String>,
    /// The step after whose start a failure can no longer be undone: the operation then stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_of_no_return: Option<StepName>,
    /// What the operation was asked for, as its module wrote it.
    pub inputs: serde_json::Value,
}

impl Plan {
    /// The version of the document that this opsctl writes.
    pub const FORMAT: u32 = 1;

    /// A plan that does nothing yet: mild, with no lock, no action and no way past return. The operation's module
    /// fills in the rest.
    ///
    /// # Errors
    /// When the inputs can't be written.
    pub fn of(
        kind: OperationKind,
        basis: &Basis<'_>,
        inputs: &impl serde::Serialize,
    ) -> Result<Self> {
        Ok(Self {
            format: Self::FORMAT,
            operation: basis.operation.clone(),
            kind,
            environment: basis.environment.name.clone(),
            created_at: basis.now,
            opsctl_version: basis.opsctl_version.to_owned(),
            severity: Severity::Mild,
            resources: Vec::new(),
            actions: Vec::new(),
            preconditions: Vec::new(),
            context: Vec::new(),
            cost: None,
            unchecked: Vec::new(),
            point_of_no_return: None,
            inputs: serde_json::to_value(inputs).map_err(|error| {
                Failure::failed(format!(
                    "the inputs of {} can't be written",
                    basis.operation
                ))
                .because(error)
            })?,
        })
    }

    /// The hash over everything that an approval covers: all but the context, which may drift.
    #[must_use]
    pub fn hash(&self) -> String {
        let covered = serde_json::json!({
            "operation": self.operation, "kind": self.kind, "environment": self.environment,
            "severity": self.severity, "resources": self.resources, "actions": self.actions,
            "preconditions": self.preconditions, "inputs": self.inputs,
            "point_of_no_return": self.point_of_no_return,
        });
        // `Value` sorts the keys of its objects: the same plan has one spelling.
        hex::encode(Sha256::digest(covered.to_string()))
    }

    /// The inputs, as the type that the operation wrote.
    ///
    /// # Errors
    /// When the plan was edited or made by another version.
    pub fn inputs<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.inputs.clone()).map_err(|error| {
            Failure::usage(format!(
                "the plan of {} has inputs of another form",
                self.operation
            ))
            .because(error)
            .hint("make the plan again with this opsctl")
        })
    }

    /// Whether a failure can still be undone, given the steps that began.
    #[must_use]
    pub fn can_go_back(&self, begun: &[StepName]) -> bool {
        self.point_of_no_return
            .as_ref()
            .is_none_or(|step| !begun.contains(step))
    }

    /// Compares what is with what was planned, for the preconditions that still apply at `step`.
    ///
    /// # Errors
    /// Refuses, naming each difference.
    pub fn holds(&self, observed: &[Precondition], begun: &[StepName]) -> Result<()> {
        let ended = |p: &Precondition| p.until.as_ref().is_some_and(|step| begun.contains(step));
        let drifted: Vec<String> = self
            .preconditions
            .iter()
            .filter(|planned| !ended(planned))
            .filter_map(|planned| drift(planned, observed))
            .collect();
        if drifted.is_empty() {
            return Ok(());
        }
        let mut failure = Failure::new(
            FailureKind::Refused,
            format!(
                "the world is not as the plan of {} found it",
                self.operation
            ),
        );
        failure.causes = drifted;
        Err(failure.hint("look at what changed, then plan again"))
    }
}

fn drift(planned: &Precondition, observed: &[Precondition]) -> Option<String> {
    let now = observed
        .iter()
        .find(|p| p.name == planned.name)
        .map(|p| p.value.as_str());
    match now {
        Some(value) if value == planned.value => None,
        Some(value) => Some(format!(
            "{}: planned '{}', now '{value}'",
            planned.name, planned.value
        )),
        None => Some(format!(
            "{}: planned '{}', now gone",
            planned.name, planned.value
        )),
    }
}
