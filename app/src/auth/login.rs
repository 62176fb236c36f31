//! `POST /auth/login`. An unknown account and a wrong password get the same answer after the same work.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Password;
use crate::http::{ApiError, AppState, Body, record_user};
use crate::users::{Credentials, Email};

#[derive(Deserialize)]
pub struct LogIn {
    email: String,
    password: String,
}

#[derive(Serialize)]
struct Session {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

pub async fn log_in(
    State(state): State<AppState>,
    Body(attempt): Body<LogIn>,
) -> Result<Response, ApiError> {
    let credentials = find(&state, attempt.email).await?;
    let (id, stored) = credentials
        .map(|found| (found.id, found.password_hash))
        .unzip();
    let right = state
        .passwords
        .check(Password::attempt(attempt.password), stored)
        .await?;
    let Some(id) = id.filter(|_| right) else {
        tracing::warn!("a log-in was refused");
        return Err(ApiError::refused(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "Email or password is wrong",
        ));
    };
    record_user(id);
    let identity = state.database.identity();
    let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
    let session = Session {
        access_token: state.tokens.issue(id, valid_after)?,
        token_type: "Bearer",
        expires_in: state.tokens.lifetime_seconds(),
    };
    tracing::info!("a user logged in");
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((no_store, Json(session)).into_response())
}

async fn find(state: &AppState, email: String) -> Result<Option<Credentials>, ApiError> {
    let reader = state.database.read()?;
    match Email::parse(email) {
        Ok(email) => Ok(Credentials::find(&reader, &email).await?),
        // What cannot be an address belongs to no account; the work that follows is done all the same.
        Err(_) => Ok(None),
    }
}
