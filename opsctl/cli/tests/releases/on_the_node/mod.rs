//! What needs a node to run pods on.

mod approving;
mod conform;
mod deaths;
#[cfg(feature = "endurance")]
mod endurance;
mod failing;
mod gate;
mod going_well;
mod in_the_cluster;
mod meanwhile;
mod outages;
mod refused;
mod runbook;
mod schedule;
mod schema;
mod texts;
