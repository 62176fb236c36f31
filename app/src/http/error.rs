//! Every way in which a request can fail, and the one body that says so: `{"error": code, "message": sentence}`. Codes are
//! part of the contract; messages are for people. What went wrong inside is logged, never sent.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Invalid;
use super::explain::Cause;
use crate::database::Unavailable;
use crate::idempotency::Answer;

const RETRY_SOON: HeaderValue = HeaderValue::from_static("1");
const RETRY_LATER: HeaderValue = HeaderValue::from_static("30");

/// On an answer that says that the service is broken; for whoever counts such.
#[derive(Debug, Clone, Copy)]
pub struct Broken;

/// The status, code and sentence of one kind of failure.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    #[serde(skip)]
    #[schema(ignore)]
    pub status: StatusCode,
    pub error: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error,
            message: message.into(),
        }
    }
}

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The caller's doing, or an ordinary answer: said as it is.
    #[error("{}", .0.message)]
    Refused(Problem),
    /// No token, or none that holds.
    #[error("JWT token is missing or invalid")]
    InvalidToken,
    /// The platform stands aside or has no database: it passes.
    #[error("{0}")]
    Unavailable(#[from] Unavailable),
    /// Somebody guesses, or looks like it.
    #[error("Too many attempts, try again in {seconds} seconds")]
    TooManyAttempts { seconds: u64 },
    /// More requests than a user or an address may make in a minute.
    #[error("Too many requests, try again in {seconds} seconds")]
    TooManyRequests { seconds: u64 },
    /// The auth service cannot say who the caller is.
    #[error("the auth service does not answer")]
    AuthUnavailable,
    /// All of it had arrived, and no answer came of it in time.
    #[error("the request took too long")]
    TookTooLong,
    /// More password hashes are asked for than this process may have in hand.
    #[error("too many log-ins at once")]
    Overloaded,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Somebody else asked for the same and failed; said as theirs was, and logged when it happened.
    #[error("{0}")]
    Shared(Arc<ApiError>),
    /// No failure: the same was asked before under this key, and this is what was answered.
    #[error("it was answered before")]
    AnsweredBefore(Box<Answer>),
    /// A bug; logged by whoever saw where it was.
    #[error("{0}")]
    Panicked(String),
    /// Anything else that is not the caller's doing.
    #[error("{0}")]
    Internal(String),
}

impl ApiError {
    pub fn refused(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self::Refused(Problem::new(status, error, message))
    }

    fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.clone(),
            Self::Shared(error) => error.problem(),
            Self::InvalidToken => {
                Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", self.to_string())
            }
            Self::Unavailable(why) => unavailable(*why),
            Self::TooManyAttempts { .. } => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                self.to_string(),
            ),
            Self::TooManyRequests { .. } => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                self.to_string(),
            ),
            Self::AuthUnavailable => passing(
                "auth_unavailable",
                "Nobody can be recognised at the moment, try again",
            ),
            Self::TookTooLong => passing("took_too_long", "The request took too long, try again"),
            Self::Overloaded => passing("overloaded", "Too many requests at once, try again"),
            Self::Database(error) if passes(error) => unavailable(Unavailable::NoDatabase),
            Self::Database(_) | Self::Panicked(_) | Self::Internal(_) | Self::AnsweredBefore(_) => {
                Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal_error",
                    "Something went wrong on our side",
                )
            }
        }
    }

    /// With everything below it, for developers.
    fn cause(&self) -> Cause {
        match self {
            Self::Database(error) => Cause(format!("{self}: {error}")),
            Self::Shared(error) => error.cause(),
            _ => Cause(self.to_string()),
        }
    }

    /// A failure that is nobody's but ours, once.
    pub(crate) fn log(&self) {
        match self {
            Self::Database(error) => {
                let error = error as &dyn std::error::Error;
                tracing::error!(error, "the database failed");
            }
            Self::Internal(error) => tracing::error!(error, "a request failed"),
            Self::TookTooLong => tracing::error!("a request took too long and was given up"),
            _ => {}
        }
    }

    /// Whether it says that the service is broken, in whole or in part: not that it is busy, or stands aside on command.
    fn is_breakage(&self) -> bool {
        match self {
            Self::Shared(error) => error.is_breakage(),
            Self::Unavailable(why) => matches!(why, Unavailable::NoDatabase),
            Self::AuthUnavailable
            | Self::TookTooLong
            | Self::Database(_)
            | Self::Panicked(_)
            | Self::Internal(_) => true,
            _ => false,
        }
    }
}

fn passing(error: &'static str, message: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, error, message)
}

fn unavailable(why: Unavailable) -> Problem {
    match why {
        Unavailable::StandingAside { mode } => passing(
            mode.as_str(),
            "The service is under maintenance, please try again later",
        ),
        Unavailable::OnlyReads => passing("read_only", "This process only reads"),
        Unavailable::NoDatabase => passing(
            "database_unavailable",
            "The database cannot be used at the moment",
        ),
    }
}

/// Whether the failure lies in the state of the database and not in what was asked of it: then it passes.
fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code_passes(&code)),
        _ => false,
    }
}

fn code_passes(code: &str) -> bool {
    // SQLSTATEs have five characters, SQLite's codes fewer.
    if code.len() == 5 {
        // No connection, no log-in, no such database; deadlocks; too many; locked, stopping or timed out; fenced or standby.
        let classes = ["08", "28", "3D", "40", "53", "55", "57"];
        return classes.iter().any(|class| code.starts_with(class)) || code == "25006";
    }
    let Ok(number) = code.parse::<u32>() else {
        return false;
    };
    // Busy, locked, read-only, full; and a constraint that a trigger raised, which is how a database is fenced.
    matches!(number & 0xff, 5 | 6 | 8 | 13) || number == 1811
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::AnsweredBefore(answer) = self {
            return answer.into_response();
        }
        self.log();
        let problem = self.problem();
        let status = problem.status;
        let cause = (status == StatusCode::INTERNAL_SERVER_ERROR).then(|| self.cause());
        let kept = cause.is_some().then(|| problem.clone());
        let mut response = problem.into_response();
        if let (Some(cause), Some(problem)) = (cause, kept) {
            response.extensions_mut().insert(problem);
            response.extensions_mut().insert(cause);
        }
        if self.is_breakage() {
            response.extensions_mut().insert(Broken);
        }
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::TooManyAttempts { seconds } | Self::TooManyRequests { seconds } = self {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = matches!(
                self,
                Self::Overloaded | Self::AuthUnavailable | Self::TookTooLong
            );
            headers.insert(
                header::RETRY_AFTER,
                if soon { RETRY_SOON } else { RETRY_LATER },
            );
        }
        response
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            invalid.to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_busy_stopping_or_fenced_passes_and_a_mistake_does_not() {
        for code in [
            "57P01", "08006", "53300", "25006", "40P01", "57014", "5", "517", "8", "1811",
        ] {
            assert!(code_passes(code), "{code}");
        }
        for code in [
            "23505", "42501", "42P01", "22001", "1", "275", "787", "2067", "",
        ] {
            assert!(!code_passes(code), "{code}");
        }
    }
}
