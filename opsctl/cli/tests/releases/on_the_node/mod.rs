//! What needs a node to run pods on.

mod approving;
mod failing;
mod gate;
mod going_well;
mod schema;
