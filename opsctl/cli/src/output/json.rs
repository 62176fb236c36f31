//! Events for programs: JSON Lines, the first of which carries the version.

use opsctl_core::Failure;
use opsctl_core::engine::Event;
use serde_json::{Value, json};

/// The version of the stream.
const VERSION: u32 = 1;

/// The first line of a stream.
#[must_use]
pub fn opening() -> Value {
    let opsctl = env!("CARGO_PKG_VERSION");
    json!({ "type": "stream", "version": VERSION, "opsctl_version": opsctl })
}

/// One event.
#[must_use]
pub fn event(event: &Event) -> Value {
    serde_json::to_value(event).unwrap_or_else(|error| {
        json!({ "type": "warning", "message": format!("an event can't be written: {error}") })
    })
}

/// The last line of a failed command.
#[must_use]
pub fn failure(failure: &Failure) -> Value {
    json!({ "type": "error", "exit_code": failure.kind.exit_code(), "error": failure })
}

/// The last line of an operation that was carried out.
#[must_use]
pub fn result(result: &Value) -> Value {
    json!({ "type": "result", "result": result })
}
