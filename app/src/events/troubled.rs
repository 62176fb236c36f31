//! Says in the log that rounds fail: once a trouble, not once a round.

use crate::http::ApiError;

/// Says a trouble once, not every second.
#[derive(Default)]
pub struct Troubled {
    last: Option<String>,
}

impl Troubled {
    /// What a round came to, and what is not done where it failed.
    pub fn note(&mut self, done: Result<(), ApiError>, what: &'static str) {
        let trouble = match done {
            // Standing aside is no trouble.
            Ok(()) | Err(ApiError::Unavailable(_)) => None,
            Err(ApiError::Database(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = &trouble
            && trouble != self.last
        {
            tracing::warn!(error, "{what}");
        }
        self.last = trouble;
    }
}
