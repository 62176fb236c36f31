//! What needs a node to run pods on.

mod failing;
mod going_well;
