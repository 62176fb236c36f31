//! What happens, told to whoever renders it. Derived from the journal's records, never the other way.

use std::fmt;
use std::sync::Arc;

use super::Plan;
use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::names::{OperationId, StepName};

/// Something that happened in a run.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// In which operation.
    pub operation: OperationId,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// The plan stands.
    Planned {
        /// The plan.
        plan: Box<Plan>,
        /// Its hash.
        plan_sha256: String,
    },
    /// Waiting for somebody who holds the lock.
    Waiting {
        /// What is waited for, and who holds it.
        message: String,
    },
    /// The run began, or went on.
    Started {
        /// Whether an earlier run is continued.
        resumed: bool,
        /// How many steps there are.
        steps: usize,
    },
    /// A step began.
    StepStarted {
        /// The step.
        step: StepName,
        /// Its place, from 1.
        number: usize,
        /// What it does, in words.
        summary: String,
    },
    /// A step gets on.
    Progress {
        /// The step.
        step: StepName,
        /// Done so far.
        done: u64,
        /// In all; 0 when unknown.
        total: u64,
        /// `bytes`, `rows`, `files`, `seconds`.
        unit: &'static str,
    },
    /// A step ended well.
    StepFinished {
        /// The step.
        step: StepName,
        /// How long it took.
        seconds: f64,
        /// True when an earlier run had done it already.
        adopted: bool,
    },
    /// A step failed.
    StepFailed {
        /// The step.
        step: StepName,
        /// Why.
        failure: Failure,
    },
    /// Worth knowing.
    Note {
        /// In words.
        message: String,
    },
    /// Worth worrying.
    Warning {
        /// In words.
        message: String,
    },
    /// The run ended.
    Finished {
        /// `done`, `failed`, `promise_broken`, `stopped`.
        outcome: String,
        /// How long the run took.
        seconds: f64,
    },
}

/// Where events go.
#[derive(Clone)]
pub struct EventSink(Arc<dyn Fn(Event) + Send + Sync>);

impl EventSink {
    /// A sink that hands each event to `receive`.
    pub fn new(receive: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// A sink that nobody listens to.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| ())
    }

    /// Sends one event.
    pub fn send(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for EventSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSink")
    }
}
