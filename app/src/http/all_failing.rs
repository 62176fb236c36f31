//! Notices when every request fails: one failure is an error, nothing but failures is CRITICAL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::telemetry::CRITICAL;

/// Failures in a row from which on it is said, and again each time as many more again.
const MANY: u64 = 20;

/// Answers in a row that were failures of ours.
#[derive(Debug, Default)]
pub struct Streak(AtomicU64);

impl Streak {
    /// How many there are, when that has to be said.
    fn add(&self, status: StatusCode) -> Option<u64> {
        if status != StatusCode::INTERNAL_SERVER_ERROR {
            // Read first: a line that is only read is no thread's to fight for.
            if self.0.load(Ordering::Relaxed) > 0 {
                self.0.store(0, Ordering::Relaxed);
            }
            return None;
        }
        let failed = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let doubled = failed.is_multiple_of(MANY) && (failed / MANY).is_power_of_two();
        doubled.then_some(failed)
    }
}

/// The middleware. That the process is alive says nothing about what is asked of it: probes do not count.
pub async fn watch(State(streak): State<Arc<Streak>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let probe = path.is_some_and(|path| path.as_str().starts_with("/health/"));
    let response = next.run(request).await;
    if !probe && let Some(failed) = streak.add(response.status()) {
        tracing::error!(target: CRITICAL, failed, "every request fails");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_failures_is_said_and_ever_more_seldom() {
        let streak = Streak::default();
        let said: Vec<u64> = (0..100)
            .filter_map(|_| streak.add(StatusCode::INTERNAL_SERVER_ERROR))
            .collect();
        assert_eq!(said, [20, 40, 80]);
    }

    #[test]
    fn one_answer_that_is_none_begins_anew() {
        let streak = Streak::default();
        for _ in 0..10 {
            for _ in 0..19 {
                assert_eq!(streak.add(StatusCode::INTERNAL_SERVER_ERROR), None);
            }
            assert_eq!(streak.add(StatusCode::NOT_FOUND), None);
        }
    }
}
