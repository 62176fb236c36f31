//! Standing aside on command: the application refuses writes, or everything, until it is told otherwise.
//!
//! Owns the change of mode and the proof that every process follows it. Never touches the database.

mod operation;
mod plan;
mod steps;

pub use operation::Maintenance;
pub use plan::{MaintenanceInputs, Observed, plan};
