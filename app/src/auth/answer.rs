//! What log-in and refresh answer. Never to be cached.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::tokens::Bearer;
use crate::http::{ApiError, AppState};

#[derive(Serialize, ToSchema)]
pub struct Session {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Good for one use at `/auth/refresh`. Null while the service only reads.
    refresh_token: Option<String>,
}

/// A new access token, and what goes on after it.
pub fn session_answer(
    state: &AppState,
    bearer: Bearer,
    refresh_token: Option<String>,
) -> Result<Response, ApiError> {
    let identity = state.database.identity();
    let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
    let session = Session {
        access_token: state.tokens.issue(bearer, valid_after)?,
        token_type: "Bearer",
        expires_in: state.tokens.lifetime_seconds(),
        refresh_token,
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((no_store, Json(session)).into_response())
}

/// The same for accounts that exist and those that don't.
pub fn too_many_attempts(wait: Duration) -> ApiError {
    ApiError::TooManyAttempts {
        seconds: wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
    }
}
