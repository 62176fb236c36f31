//! Declaring which database is the environment's own, when record, descriptor and database disagree.
//!
//! Owns the plan and the steps that bring the three together. Never makes a primary of a copy or of a
//! database that was set aside: that is what a restore's cut-over is for.

mod operation;
mod plan;
mod steps;

pub use operation::Adopt;
pub use plan::{AdoptInputs, Observed, plan};
