//! The restore drill: restore a real backup, measure it, prove it whole, sign what was seen.
//!
//! Owns the order of a drill, its measures and its verdict. Restoring belongs to [`crate::ports::Copies`],
//! proving to [`crate::integrity`], the chain to [`crate::evidence`].

mod compose;
mod inputs;
mod measured;
mod operation;
mod plan;
mod rpo;
mod self_test;
pub(crate) mod steps;
mod verdict;

pub(crate) use compose::{Frame, SourceOf, compose, representative};
pub use inputs::{Choice, DrillInputs};
pub use measured::{Attempt, Measured};
pub use operation::DrillRestore;
pub(crate) use operation::{present_lineage, restored_and_proven};
pub use plan::{Observed, Wish, plan};
pub use rpo::{Incident, measure};
pub use self_test::{DrillSelfTest, Outcome, SelfTestInputs, Trial, plan_self_test};
pub use steps::names;
pub(crate) use steps::{Written, already_written, mark_passed};
pub use verdict::{Findings, reasons};
