//! What operators rely on.

mod exchange;
mod heartbeat;
mod modes;
mod probe;
mod process;
mod refusals;
mod restart;
mod slow;
