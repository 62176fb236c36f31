//! What operators rely on.

mod connections;
mod exchange;
mod heartbeat;
mod key_metrics;
mod levels;
mod measurements;
mod modes;
mod probe;
mod process;
mod refusals;
mod restart;
mod runbook;
mod slow;
