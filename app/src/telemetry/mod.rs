//! Owns what the process says of itself: its measurements, its traces, and the log: JSON, one line an event, on standard error,
//! with the field names of the specification. Never holds a secret,
//! because nothing hands it one; never decides what is worth saying; never makes a request wait for whoever reads it.

mod fields;
mod json_lines;
mod level;
pub mod metrics;
mod statements;
pub mod traces;
mod waiting;

pub use json_lines::JsonLines;
pub use level::filter;

use std::sync::OnceLock;
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogLevel;
use statements::Statements;
use traces::Traces;
use waiting::Lines;

/// Events of this target are shown at every log level: where the process listens, why it cannot start, that it stops.
pub const LIFECYCLE: &str = "lifecycle";

/// Events of this target are shown at every log level: the one line of each request, which carries its id.
pub const REQUEST: &str = "request";

/// Events of this target are CRITICAL: nothing can be answered any more.
pub const CRITICAL: &str = "critical";

/// For the last lines of a process.
const LAST_WORDS: Duration = Duration::from_secs(2);

static LINES: OnceLock<Lines> = OnceLock::new();

/// Sends the log of the whole process to standard error, panics included, and its spans to the collector, if there is one. A
/// second call in one process changes nothing.
pub fn start(level: LogLevel, traces: Option<&Traces>) {
    let lines = LINES.get_or_init(Lines::default);
    let writer = std::thread::Builder::new().name("log".into());
    let started = writer.spawn(|| {
        LINES
            .get_or_init(Lines::default)
            .write_to(std::io::stderr())
    });
    let spans = traces.map(Traces::layer);
    let registry = tracing_subscriber::registry()
        .with(filter(level, traces.is_some()))
        .with(spans)
        .with(Statements::new(traces::tracer()));
    let heard = level::dependencies(level);
    // Only tests start it twice, and there the first one will do.
    let _already_started = match started {
        Ok(_for_ever) => registry
            .with(JsonLines::new(lines.clone()).hearing(heard))
            .try_init(),
        // A log that may block is better than none.
        Err(_) => registry
            .with(JsonLines::new(std::io::stderr).hearing(heard))
            .try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let error = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(error, place, "a bug: the work in hand was given up");
    }));
}

/// Sends the last spans, for moments at most. While the runtime runs.
pub fn end_traces() {
    traces::end();
}

/// Waits until what was logged is written, for moments at most: the last act of a process.
pub fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush(LAST_WORDS);
    }
}
