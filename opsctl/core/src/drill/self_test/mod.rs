//! The verifier proves itself: damage of every kind is planted in restored copies, one at a time, and each must
//! be caught and named; copies that are left whole must raise no alarm.
//!
//! Owns the trials and their verdict. The damage belongs to [`crate::ports::Saboteur`], the proof to
//! [`crate::integrity`].

mod evidence;
mod operation;
mod plan;
mod round;
mod trial;

pub use operation::DrillSelfTest;
pub use plan::{SelfTestInputs, plan_self_test};
pub use trial::{Outcome, Trial};
