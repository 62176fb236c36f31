//! What a token is worth at this moment: remembered for seconds, else asked of the keys and of the database.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::caller::bearer;
use super::tokens::Bearer;
use super::verified::Standing;
use crate::cache::{Stamp, Subject};
use crate::database::{Reader, each_engine};
use crate::http::{ApiError, AppState};

/// One look-up, by keys: whether the session lives, and what its user was permitted.
const STANDING: &str = "SELECT \
    (SELECT count(*) FROM sessions WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL) AS live, \
    (SELECT string_agg(permission, ',') FROM user_permissions WHERE user_id = $1) AS granted";

/// What is known already of the token that a request carries.
pub fn known(state: &AppState, headers: &HeaderMap) -> Option<Arc<Standing>> {
    state.database.may_be_read().ok()?;
    remembered(state, bearer(headers)?)
}

/// What the token that a request carries is worth; none when it carries none that holds, or nobody can say.
pub async fn looked_up(state: &AppState, headers: &HeaderMap) -> Option<Arc<Standing>> {
    standing(state, bearer(headers)?).await.ok()
}

fn remembered(state: &AppState, token: &str) -> Option<Arc<Standing>> {
    let identity = state.database.identity();
    let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
    let honoured = state.tokens.honoured(valid_after);
    state
        .verified
        .find(token, honoured, |bearer| stamp(state, bearer))
}

/// What the token is worth.
///
/// # Errors
/// When it does not hold, or nobody can say.
pub async fn standing(state: &AppState, token: &str) -> Result<Arc<Standing>, ApiError> {
    let identity = state.database.identity();
    let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
    if let Some(known) = remembered(state, token) {
        return Ok(known);
    }
    let read = state.tokens.read(token, valid_after)?;
    // Before the question: an answer that a change overtakes is not kept as if it were from after it.
    let stamp = stamp(state, read.bearer);
    let granted = granted(&state.database.read()?, read.bearer).await?;
    let standing = Arc::new(Standing {
        bearer: read.bearer,
        granted: granted.into(),
        issued_at: read.issued_at,
        expires_at: read.expires_at,
        stamp,
    });
    state.verified.keep(token, &standing);
    Ok(standing)
}

fn stamp(state: &AppState, bearer: Bearer) -> Stamp {
    let of_user = Subject::Access(bearer.user);
    let stamp = match bearer.session {
        Some(session) => state.cache.stamp(&[of_user, Subject::Session(session)]),
        None => state.cache.stamp(&[of_user]),
    };
    stamp.and(state.tokens.epoch())
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
