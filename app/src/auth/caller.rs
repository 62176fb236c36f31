//! The caller of a request, from its bearer token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};

use super::permission::Permission;
use super::standing::{decided, standing};
use crate::database::{Actor, Day, SessionId, UserId};
use crate::http::{ApiError, AppState, RequestId, record_user};
use crate::rate_limit::Counted;

/// Who calls. A handler that takes it answers nobody else.
#[derive(Debug, Clone)]
pub struct Caller {
    pub id: UserId,
    /// None where the token belongs to no session: one that opsctl signed, or given while nothing could be written.
    pub session: Option<SessionId>,
    granted: Arc<str>,
    request_id: Option<RequestId>,
}

impl Caller {
    pub fn has(&self, permission: Permission) -> bool {
        permission.is_in(&self.granted)
    }

    /// What the auth service decides about a right over a user; none where that is decided here.
    pub(super) async fn decided(
        &self,
        parts: &Parts,
        state: &AppState,
        permission: Permission,
        user: UserId,
    ) -> Result<Option<bool>, ApiError> {
        if state.auth_service.is_none() {
            return Ok(None);
        }
        let token = bearer(&parts.headers).ok_or(ApiError::InvalidToken)?;
        let request_id = parts.extensions.get::<RequestId>();
        decided(state, token, (permission, user), request_id).await
    }

    /// As the trace of what the caller deletes names them.
    pub fn actor(&self) -> Actor {
        Actor {
            user: Some(self.id),
            request_id: self.request_id.as_ref().map(|id| id.0.to_string()),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        // Standing aside is said before anything else; and without a database nobody knows which sessions were revoked.
        state.database.may_be_read()?;
        let standing = match parts.extensions.get::<Counted>() {
            Some(counted) => Arc::clone(&counted.0),
            None => {
                let token = bearer(&parts.headers).ok_or(ApiError::InvalidToken)?;
                standing(state, token, parts.extensions.get::<RequestId>()).await?
            }
        };
        let bearer = standing.bearer;
        record_user(bearer.user);
        state.activity.saw(bearer.user, Day::today());
        Ok(Self {
            id: bearer.user,
            session: bearer.session,
            granted: Arc::clone(&standing.granted),
            request_id: parts.extensions.get::<RequestId>().cloned(),
        })
    }
}

/// The token of a request, if it carries one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
