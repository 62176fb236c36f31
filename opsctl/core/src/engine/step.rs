//! One step of an operation: `check / apply / verify`.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Event, EventKind, EventSink, Interrupt, Outputs};
use crate::clock::Clock;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{OperationId, StepName};

/// What a step finds of its own effect before it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState<T> {
    /// Nothing is there: act.
    Absent,
    /// An earlier run of this operation began it: `apply` is called and must go on with it or clear it.
    InFlight,
    /// An earlier run of this operation did it: adopt the output.
    Done(T),
    /// Something of somebody else stands in its place: refuse, say what.
    Foreign(String),
    /// It can't be told: stop, say why.
    Unknown(String),
}

/// One step. Its effect is named from the operation's id, so that a second run finds the first one's.
#[async_trait]
pub trait Step: Send + Sync {
    /// What later steps and the report read; never a secret.
    type Output: Serialize + DeserializeOwned + Send + Sync;

    /// The name: the same as in the plan's action.
    fn name(&self) -> StepName;

    /// Looks for the step's own effect. Changes nothing.
    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Self::Output>>;

    /// Brings the effect about. Must bear being killed anywhere and called again.
    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Self::Output>;

    /// Proves the effect. Changes nothing.
    async fn verify(&self, _context: &StepContext<'_>, _output: &Self::Output) -> Result<()> {
        Ok(())
    }

    /// On resume: does the effect of this finished step still stand? If not, the run goes on from here.
    async fn still_holds(
        &self,
        _context: &StepContext<'_>,
        _output: &Self::Output,
    ) -> Result<bool> {
        Ok(true)
    }

    /// True for a step that ends what earlier steps made: once it finished, they are not asked again.
    fn releases(&self) -> bool {
        false
    }
}

/// What a step is given.
pub struct StepContext<'a> {
    /// The operation.
    pub operation: &'a OperationId,
    /// What earlier steps put out.
    pub outputs: &'a Outputs,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Long work looks here between its pieces.
    pub interrupt: &'a Interrupt,
    /// What went wrong, for a step of the way back.
    pub failed: Option<&'a Failure>,
    /// Reports how far the step got.
    pub progress: Progress<'a>,
}

/// How a step tells how far it got.
pub struct Progress<'a> {
    step: &'a StepName,
    operation: &'a OperationId,
    events: &'a EventSink,
    clock: &'a dyn Clock,
    last: AtomicU64,
}

impl<'a> Progress<'a> {
    /// Progress of one step, told to `events`.
    #[must_use]
    pub fn new(
        step: &'a StepName,
        operation: &'a OperationId,
        events: &'a EventSink,
        clock: &'a dyn Clock,
    ) -> Self {
        Self {
            step,
            operation,
            events,
            clock,
            last: AtomicU64::new(u64::MAX),
        }
    }

    /// Tells how much is done; `total` 0 means unknown. Repeats of the same figure are dropped.
    pub fn at(&self, done: u64, total: u64, unit: &'static str) {
        if self.last.swap(done, Ordering::Relaxed) != done {
            self.send(EventKind::Progress {
                step: self.step.clone(),
                done,
                total,
                unit,
            });
        }
    }

    /// Tells something worth knowing.
    pub fn note(&self, message: impl Into<String>) {
        self.send(EventKind::Note {
            message: message.into(),
        });
    }

    /// Tells something worth worrying about.
    pub fn warn(&self, message: impl Into<String>) {
        self.send(EventKind::Warning {
            message: message.into(),
        });
    }

    fn send(&self, kind: EventKind) {
        let operation = self.operation.clone();
        self.events.send(Event {
            at: self.clock.now(),
            operation,
            kind,
        });
    }
}

/// A step whose output type is hidden, so that steps fit in one list. Made by [`erase`].
#[async_trait]
pub trait ErasedStep: Send + Sync {
    /// See [`Step::name`].
    fn name(&self) -> StepName;
    /// See [`Step::check`].
    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Value>>;
    /// See [`Step::apply`].
    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Value>;
    /// See [`Step::verify`].
    async fn verify(&self, context: &StepContext<'_>, output: &Value) -> Result<()>;
    /// See [`Step::still_holds`].
    async fn still_holds(&self, context: &StepContext<'_>, output: &Value) -> Result<bool>;
    /// See [`Step::releases`].
    fn releases(&self) -> bool;
}

/// Hides a step's output type.
pub fn erase<S: Step + 'static>(step: S) -> Box<dyn ErasedStep> {
    Box::new(Erased(step))
}

struct Erased<S>(S);

#[async_trait]
impl<S: Step> ErasedStep for Erased<S> {
    fn name(&self) -> StepName {
        self.0.name()
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Value>> {
        Ok(match self.0.check(context).await? {
            StepState::Absent => StepState::Absent,
            StepState::InFlight => StepState::InFlight,
            StepState::Done(output) => StepState::Done(write(&self.0.name(), &output)?),
            StepState::Foreign(what) => StepState::Foreign(what),
            StepState::Unknown(why) => StepState::Unknown(why),
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Value> {
        write(&self.0.name(), &self.0.apply(context, permit).await?)
    }

    async fn verify(&self, context: &StepContext<'_>, output: &Value) -> Result<()> {
        self.0
            .verify(context, &read::<S>(&self.0.name(), output)?)
            .await
    }

    async fn still_holds(&self, context: &StepContext<'_>, output: &Value) -> Result<bool> {
        match read::<S>(&self.0.name(), output) {
            Ok(output) => self.0.still_holds(context, &output).await,
            // Written by another version: do the step again rather than trust it.
            Err(_) => Ok(false),
        }
    }

    fn releases(&self) -> bool {
        self.0.releases()
    }
}

fn write<T: Serialize>(step: &StepName, output: &T) -> Result<Value> {
    serde_json::to_value(output).map_err(|error| {
        Failure::new(
            FailureKind::Unknown,
            format!("the output of step '{step}' can't be written"),
        )
        .because(error)
    })
}

fn read<S: Step>(step: &StepName, output: &Value) -> Result<S::Output> {
    serde_json::from_value(output.clone()).map_err(|error| {
        Failure::new(
            FailureKind::Unknown,
            format!("the output of step '{step}' can't be read"),
        )
        .because(error)
    })
}
