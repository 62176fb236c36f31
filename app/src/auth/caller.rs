//! The caller of a request, from its bearer token.

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, header, request::Parts};

use crate::database::UserId;
use crate::http::{ApiError, AppState, record_user};

/// Who calls. A handler that takes it answers nobody else.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub id: UserId,
}

impl Caller {
    /// Lets the caller see a user only when it is the caller. Whether the other one exists is not said.
    pub fn may_view(self, user: UserId) -> Result<(), ApiError> {
        if self.id == user {
            return Ok(());
        }
        Err(ApiError::refused(
            StatusCode::FORBIDDEN,
            "insufficient_permissions",
            "You don't have permission to view this user",
        ))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        // Standing aside is said before anything else; and without a database nobody knows which sessions were revoked.
        state.database.read()?;
        let identity = state.database.identity();
        let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
        let token = bearer(parts).ok_or(ApiError::InvalidToken)?;
        let id = state.tokens.read(token, valid_after)?;
        record_user(id);
        Ok(Self { id })
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
