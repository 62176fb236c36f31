//! What every statement measures, and every wait for a connection. Handles are made once, when there is a recorder.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, describe_counter, describe_histogram, histogram};

const SECONDS: &str = "database_query_duration_seconds";
const SLOW: &str = "database_slow_queries_total";
const WAIT: &str = "database_pool_wait_seconds";

const KINDS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "OTHER"];

struct Handles {
    seconds: [Histogram; KINDS.len()],
    slow: Counter,
    wait: Histogram,
}

static HANDLES: OnceLock<Handles> = OnceLock::new();

/// A recorder is there.
pub(super) fn describe() {
    describe_histogram!(SECONDS, "Seconds that a statement took in the database");
    describe_counter!(SLOW, "Statements that took longer than DATABASE_SLOW_QUERY");
    describe_histogram!(WAIT, "Seconds until the pool gave a connection");
    HANDLES.get_or_init(|| Handles {
        seconds: KINDS.map(|kind| histogram!(SECONDS, "operation" => kind)),
        slow: counter!(SLOW),
        wait: histogram!(WAIT),
    });
    counter!(SLOW).absolute(0);
}

/// A statement ended, well or not.
pub fn ran(kind: &str, took: Duration, slow: bool) {
    let Some(handles) = HANDLES.get() else {
        return;
    };
    let at = KINDS.iter().position(|known| *known == kind);
    handles.seconds[at.unwrap_or(KINDS.len() - 1)].record(took);
    if slow {
        handles.slow.increment(1);
    }
}

/// The pool gave a connection.
pub fn waited(took: Duration) {
    if let Some(handles) = HANDLES.get() {
        handles.wait.record(took);
    }
}
