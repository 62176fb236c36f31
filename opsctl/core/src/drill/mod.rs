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
mod steps;
mod verdict;

pub(crate) use compose::representative;
pub use inputs::{Choice, DrillInputs};
pub use measured::{Attempt, Measured};
pub use operation::DrillRestore;
pub use plan::{Observed, Wish, plan};
pub use rpo::{Incident, measure};
pub use self_test::{DrillSelfTest, Outcome, SelfTestInputs, Trial, plan_self_test};
pub use steps::names;
pub use verdict::{Findings, reasons};
