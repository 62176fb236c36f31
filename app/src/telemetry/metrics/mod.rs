//! Owns the measurements: one recorder a process, and the internal listener that hands them to Prometheus. Never reachable
//! through the public listener. Whoever measures uses the `metrics` facade; `requests` and `look_ups` are for the path that every
//! request goes.

mod listener;
pub mod look_ups;
mod process;
mod recorder;
pub mod requests;
pub mod statements;

pub use listener::serve;
pub use recorder::{LOST_SPANS, Recorder, TOKEN_LIFETIME, record};
