//! Owns traces: which spans leave this process, where a trace goes on, and the way to the collector. Spans carry names, durations,
//! ids and the text of statements; never a parameter, a header or a body. Never makes anybody wait: what the collector does not
//! take in time is dropped, and without a collector nothing here is done at all.

mod collector;
mod exporter;
mod going_on;
mod provider;

pub use collector::CollectorError;
pub use going_on::{answered, asked, go_on, here, pass_on};
pub use provider::Traces;
pub(super) use provider::{end, is_on, tracer};

/// Spans of this target are for traces alone: no line of the log knows of them, and without a collector they do not exist.
pub const SPANS: &str = "spans";
