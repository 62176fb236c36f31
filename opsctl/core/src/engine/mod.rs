//! What every operation shares: plan → execute → report, with a journal that survives anything.
//!
//! Owns the shape of plans and steps, the journal, events and the executor. Never knows what an
//! operation does, never prints, never talks to the outside but through the state store.

mod abandon;
mod decoding;
mod event;
mod executor;
mod fault;
mod interrupt;
mod journal;
mod locking;
mod operation;
mod outputs;
mod plan;
mod record;
mod resume;
mod step;
mod walk;

pub use abandon::abandon;
pub use event::{Event, EventKind, EventSink};
pub use executor::{Conclusion, Run, Verdict, execute};
pub use fault::{FaultPoint, NoFaults};
pub use interrupt::{Interrupt, StopReason};
pub use journal::{Journal, JournalView, StepHistory, list_operations};
pub use operation::{Operation, OperationKind};
pub use outputs::Outputs;
pub use plan::{Action, Basis, Effect, Fact, Plan, Precondition, Severity, When};
pub use record::{Outcome, Record, RecordKind, Runner};
pub use resume::resume;
pub use step::{ErasedStep, Progress, Step, StepContext, StepState, erase};
