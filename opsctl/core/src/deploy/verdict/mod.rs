//! The judge of a roll-out: what is live goes in, a verdict with its causes comes out.
//!
//! Owns the codes of causes, the rules for pods and workloads, and the patience with each. Never asks the API server and
//! never reads a clock: the board and the time are inputs.

mod baseline;
mod board;
mod budgets;
mod cause;
mod creation;
mod event;
mod examine;
mod family;
mod finding;
mod job;
mod judge;
mod memory;
mod pod;
mod rollout;
mod steady;
#[cfg(test)]
mod tests;
mod tree;

pub use baseline::Baseline;
pub use board::Board;
pub(super) use board::ends;
pub use budgets::Budgets;
pub use cause::{Cause, CauseClass, CauseCode};
pub(super) use family::members;
pub use finding::Finding;
pub use judge::{Expected, Judge, Judgement, Role, State};
pub use tree::{Branch, Condition};
