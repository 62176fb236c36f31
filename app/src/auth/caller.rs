//! The caller of a request, from its bearer token.

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};

use super::permission::Permission;
use super::tokens::Bearer;
use crate::database::{Actor, Reader, SessionId, UserId, each_engine};
use crate::http::{ApiError, AppState, RequestId, record_user};

/// One look-up a request: a log-out holds from the moment it is answered, on every replica.
const STANDING: &str = "SELECT \
    (SELECT count(*) FROM sessions WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL) AS live, \
    (SELECT string_agg(permission, ',') FROM user_permissions WHERE user_id = $1) AS granted";

/// Who calls. A handler that takes it answers nobody else.
#[derive(Debug, Clone)]
pub struct Caller {
    pub id: UserId,
    /// None where the token belongs to no session: one that opsctl signed, or given while nothing could be written.
    pub session: Option<SessionId>,
    granted: String,
    request_id: Option<String>,
}

impl Caller {
    pub fn has(&self, permission: Permission) -> bool {
        permission.is_in(&self.granted)
    }

    /// As the trace of what the caller deletes names them.
    pub fn actor(&self) -> Actor {
        Actor {
            user: Some(self.id),
            request_id: self.request_id.clone(),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        // Standing aside is said before anything else; and without a database nobody knows which sessions were revoked.
        let reader = state.database.read()?;
        let identity = state.database.identity();
        let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
        let token = bearer(parts).ok_or(ApiError::InvalidToken)?;
        let bearer = state.tokens.read(token, valid_after)?;
        let granted = granted(&reader, bearer).await?;
        record_user(bearer.user);
        Ok(Self {
            id: bearer.user,
            session: bearer.session,
            granted,
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()),
        })
    }
}

async fn granted(reader: &Reader, bearer: Bearer) -> Result<String, ApiError> {
    let (live, granted): (i64, Option<String>) = each_engine!(reader, pool => sqlx::query_as(STANDING)
        .bind(bearer.user)
        .bind(bearer.session)
        .fetch_one(pool)
        .await)?;
    if bearer.session.is_some() && live == 0 {
        return Err(ApiError::InvalidToken);
    }
    Ok(granted.unwrap_or_default())
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
