//! What the journal keeps: durable, versioned records of state transitions.

use serde_json::Value;

use super::Plan;
use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::guard::Principal;
use crate::names::StepName;

/// Who runs an operation, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Runner {
    /// Who.
    pub principal: Principal,
    /// The machine.
    pub host: String,
    /// The process on that machine.
    pub pid: u32,
    /// The CI job, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_url: Option<String>,
    /// The version of opsctl.
    pub opsctl_version: String,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// All is done.
    Done {
        /// The operation's result document.
        result: Value,
    },
    /// All is done, and a promise did not hold.
    PromiseBroken {
        /// The operation's result document.
        result: Value,
        /// Why, the most important first.
        reasons: Vec<String>,
    },
    /// It failed; nothing was changed, or the change was undone.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Somebody decided that it is over, whatever its state.
    Abandoned {
        /// Who.
        principal: Principal,
        /// Why.
        reason: String,
    },
}

impl Outcome {
    /// The word for lists.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::PromiseBroken { .. } => "promise_broken",
            Self::Failed { .. } => "failed",
            Self::Abandoned { .. } => "abandoned",
        }
    }
}

/// One record of the journal.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// When it was written, by the runner's wall clock.
    pub at: Timestamp,
    /// The transition.
    #[serde(flatten)]
    pub kind: RecordKind,
}

/// The transitions.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum RecordKind {
    /// The operation begins. Always the first record.
    Opened {
        /// The version of the journal: [`RecordKind::FORMAT`].
        format: u32,
        /// What will be done.
        plan: Box<Plan>,
        /// By whom.
        runner: Runner,
    },
    /// Somebody goes on with it.
    Resumed {
        /// Who.
        runner: Runner,
    },
    /// A step is about to act.
    StepStarted {
        /// The step.
        step: StepName,
    },
    /// A step's effect stands and was proven.
    StepFinished {
        /// The step.
        step: StepName,
        /// What it put out.
        output: Value,
        /// Whether an earlier run had done it already.
        adopted: bool,
    },
    /// A step failed.
    StepFailed {
        /// The step.
        step: StepName,
        /// Why.
        failure: Failure,
    },
    /// A finished step no longer holds: the run goes on from there.
    SteppedBack {
        /// The step.
        step: StepName,
    },
    /// The run stopped at a boundary; it can be resumed.
    Stopped {
        /// Why.
        reason: String,
    },
    /// The operation is over.
    Closed(Outcome),
}

impl RecordKind {
    /// The version of the journal that this opsctl writes.
    pub const FORMAT: u32 = 1;
}
