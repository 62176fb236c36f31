//! Notices when everything fails: one failure is an error, nothing but failures is CRITICAL. What the API itself answers counts:
//! neither probes and pages, which say nothing about what is asked of it, nor refusals that nobody had to work for.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use axum::response::Response;

use super::error::Broken;
use crate::telemetry::CRITICAL;

/// Failures in a row from which on it is said, and again each time as many more again.
const MANY: u64 = 20;

/// Where the API is.
const RESOURCES: [&str; 2] = ["/api/", "/auth/"];

/// What an answer says of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Works,
    Fails,
    Nothing,
}

impl Sign {
    fn of(response: &Response) -> Self {
        let status = response.status();
        let broken = response.extensions().get::<Broken>().is_some();
        match status {
            _ if broken => Self::Fails,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Fails,
            // Who is not known, asks too much or meets a full or closed house has not been worked for.
            StatusCode::UNAUTHORIZED
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::REQUEST_TIMEOUT => Self::Nothing,
            _ => Self::Works,
        }
    }
}

/// Answers in a row that were failures of ours.
#[derive(Debug, Default)]
pub struct Streak(AtomicU64);

impl Streak {
    /// A request was answered. That the process is alive says nothing about what is asked of it: probes and pages do not
    /// count.
    pub fn answered(&self, route: &str, response: &Response) {
        let of_api = RESOURCES.iter().any(|start| route.starts_with(start));
        if of_api && let Some(failed) = self.add(Sign::of(response)) {
            tracing::error!(target: CRITICAL, failed, "every request fails");
        }
    }

    /// How many there are, when that has to be said.
    fn add(&self, sign: Sign) -> Option<u64> {
        match sign {
            Sign::Nothing => None,
            Sign::Works => {
                // Read first: a line that is only read is no thread's to fight for.
                if self.0.load(Ordering::Relaxed) > 0 && self.0.swap(0, Ordering::Relaxed) >= MANY {
                    tracing::warn!("requests are answered again");
                }
                None
            }
            Sign::Fails => {
                let failed = self.0.fetch_add(1, Ordering::Relaxed) + 1;
                let doubled = failed.is_multiple_of(MANY) && (failed / MANY).is_power_of_two();
                doubled.then_some(failed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;
    use crate::database::{Mode, Unavailable};
    use crate::http::ApiError;

    #[test]
    fn nothing_but_failures_is_said_and_ever_more_seldom() {
        let streak = Streak::default();
        let said: Vec<u64> = (0..100).filter_map(|_| streak.add(Sign::Fails)).collect();
        assert_eq!(said, [20, 40, 80]);
    }

    #[test]
    fn one_answer_that_is_none_begins_anew_and_one_that_says_nothing_does_not() {
        let streak = Streak::default();
        for _ in 0..10 {
            for _ in 0..19 {
                assert_eq!(streak.add(Sign::Fails), None);
                assert_eq!(streak.add(Sign::Nothing), None);
            }
            assert_eq!(streak.add(Sign::Works), None);
        }
        for _ in 0..19 {
            streak.add(Sign::Fails);
        }
        streak.add(Sign::Nothing);
        assert_eq!(streak.add(Sign::Fails), Some(20));
    }

    #[test]
    fn a_service_without_its_database_fails_and_one_that_stands_aside_or_is_busy_does_not() {
        let aside = Unavailable::StandingAside {
            mode: Mode::Maintenance,
        };
        for (error, sign) in [
            (ApiError::Internal("a bug".into()), Sign::Fails),
            (ApiError::from(Unavailable::NoDatabase), Sign::Fails),
            (ApiError::Database(sqlx::Error::PoolTimedOut), Sign::Fails),
            (ApiError::AuthUnavailable, Sign::Fails),
            (ApiError::TookTooLong, Sign::Fails),
            (ApiError::from(aside), Sign::Nothing),
            (ApiError::Overloaded, Sign::Nothing),
            (ApiError::InvalidToken, Sign::Nothing),
        ] {
            let told = format!("{error:?}");
            assert_eq!(Sign::of(&error.into_response()), sign, "{told}");
        }
        assert_eq!(
            Sign::of(&StatusCode::NOT_FOUND.into_response()),
            Sign::Works
        );
    }
}
