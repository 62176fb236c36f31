//! Sample data: plausible, the same for the same numbers, fast.
//!
//! Owns what the rows say. Never runs on a protected environment.

mod operation;
mod plan;
mod rows;

pub use operation::Seed;
pub use plan::{Observed, SeedInputs, plan};
pub use rows::{Batch, PASSWORD, Table, Volume};
