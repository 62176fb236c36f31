//! The recorder behind the facade.

use std::sync::OnceLock;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use super::{look_ups, process, requests, statements};
use crate::database::Database;
use crate::http::SHED;
use crate::telemetry::waiting::DROPPED;

/// Spans that nobody took.
pub const LOST_SPANS: &str = "trace_spans_lost_total";

/// Seconds; one boundary lies exactly where the alert on response times does.
const SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// The one recorder of the process.
#[derive(Clone)]
pub struct Recorder(PrometheusHandle);

/// Installs the recorder; a second call in one process finds the first one's.
///
/// # Errors
/// When somebody else's recorder is there already.
pub fn record() -> Result<&'static Recorder, BuildError> {
    if let Some(recorder) = RECORDER.get() {
        return Ok(recorder);
    }
    let installed = PrometheusBuilder::new()
        .set_buckets(&SECONDS)?
        .install_recorder();
    match installed {
        Ok(handle) => {
            describe();
            Ok(RECORDER.get_or_init(|| Recorder(handle)))
        }
        // Another thread was quicker; only tests have one.
        Err(error) => RECORDER.get().ok_or(error),
    }
}

impl Recorder {
    /// Everything measured so far, in Prometheus's text format.
    pub fn text(&self, database: &Database) -> String {
        let connections = database.connections();
        gauge!("database_connections", "state" => "used").set(f64::from(connections.used));
        gauge!("database_connections", "state" => "idle").set(f64::from(connections.idle));
        gauge!("database_connections_max").set(f64::from(connections.most));
        process::measure();
        self.0.render()
    }

    /// Counts the values that were measured since the last time, and forgets them.
    pub fn count(&self) {
        self.0.run_upkeep();
    }
}

/// Whoever rotates the key of tokens waits for so long before the key before is taken away.
pub const TOKEN_LIFETIME: &str = "token_lifetime_seconds";

/// What each is, for whoever reads them; counters begin at 0, so that the first event is a change.
fn describe() {
    describe_histogram!(requests::SECONDS, "Seconds until a request was answered");
    describe_counter!(
        DROPPED,
        "Lines of the log that were lost because nobody read it quickly enough"
    );
    describe_counter!(SHED, "Requests turned away because too many were worked on");
    describe_counter!(
        LOST_SPANS,
        "Spans of traces that the collector did not take"
    );
    for lost in [DROPPED, SHED, LOST_SPANS] {
        counter!(lost).absolute(0);
    }
    describe_counter!(requests::ANSWERED, "Requests answered, by status");
    describe_gauge!(requests::IN_FLIGHT, "Requests that are not answered yet");
    describe_counter!(
        "rate_limited_total",
        "Requests refused because somebody asked too much"
    );
    describe_gauge!("database_connections", "Connections of the pool, by state");
    describe_gauge!(
        crate::secrets::REVISION,
        "Revision of the place for secrets that is in use as a whole; 0 where it counts none"
    );
    describe_gauge!(
        TOKEN_LIFETIME,
        "Seconds for which a token is good that this process signs"
    );
    describe_gauge!(
        crate::secrets::VERSION,
        "1 for each version of a secret that is in use, where their place keeps versions; 0 for one that was"
    );
    describe_gauge!(
        "database_connections_max",
        "Connections that the pool may have"
    );
    for of in ["user", "address"] {
        counter!("rate_limited_total", "of" => of).absolute(0);
    }
    gauge!(requests::IN_FLIGHT).set(0.0);
    look_ups::describe();
    statements::describe();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_takes_no_room() {
        let recorder = record().unwrap();
        let before = process::resident().unwrap();
        for _ in 0..10 {
            for _ in 0..250_000 {
                metrics::histogram!("of_a_test").record(0.1);
            }
            recorder.count();
        }
        let grown = process::resident().unwrap() - before;
        assert!(grown < 15e6, "{grown} bytes more");
    }
}
