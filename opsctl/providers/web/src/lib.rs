//! Small questions over HTTP to services of others: webhooks that are told, a Prometheus that is asked.
//!
//! Never repeats an address: webhooks carry their secret in it.

mod connections;
mod prometheus;
mod webhook;

pub use prometheus::Prometheus;
pub use webhook::Hooks;
