//! Owns the log: JSON, one line an event, on standard error, with the field names of the specification. Never holds a secret,
//! because nothing hands it one; never decides what is worth saying.

mod fields;
mod json_lines;
mod level;
pub mod metrics;

pub use json_lines::JsonLines;
pub use level::filter;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogLevel;

/// Events of this target are shown at every log level: where the process listens, why it cannot start, that it stops.
pub const LIFECYCLE: &str = "lifecycle";

/// Events of this target are shown at every log level: the one line of each request, which carries its id.
pub const REQUEST: &str = "request";

/// Events of this target are CRITICAL: nothing can be answered any more.
pub const CRITICAL: &str = "critical";

/// Sends the log of the whole process to standard error. A second call in one process changes nothing.
pub fn start(level: LogLevel) {
    let subscriber = tracing_subscriber::registry()
        .with(filter(level))
        .with(JsonLines::new(std::io::stderr));
    // Only tests start it twice, and there the first one will do.
    let _already_started = subscriber.try_init();
}
