//! What a token is worth at this moment: remembered for seconds, else asked of the keys and of the database.

use std::sync::Arc;

use axum::http::HeaderMap;

use super::caller::bearer;
use super::permission::Permission;
use super::service::{AuthService, Judgement, Question, about};
use super::tokens::{Bearer, claimed};
use super::verified::Standing;
use crate::cache::{Stamp, Subject};
use crate::database::{Reader, UserId, each_engine};
use crate::http::{ApiError, AppState, RequestId};

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
pub async fn looked_up(
    state: &AppState,
    headers: &HeaderMap,
    request_id: Option<&RequestId>,
) -> Option<Arc<Standing>> {
    standing(state, bearer(headers)?, request_id).await.ok()
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
pub async fn standing(
    state: &AppState,
    token: &str,
    request_id: Option<&RequestId>,
) -> Result<Arc<Standing>, ApiError> {
    let identity = state.database.identity();
    let valid_after = identity.and_then(|identity| identity.sessions_valid_after);
    if let Some(known) = remembered(state, token) {
        return Ok(known);
    }
    if let Some(service) = &state.auth_service {
        let question = Question {
            token: token.to_owned(),
            permission: None,
            user: None,
        };
        let (standing, _decision) = judged(state, service, &question, request_id).await?;
        return Ok(standing);
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

/// Whether the bearer may do this to that user, as the auth service decides; none where this process does.
///
/// # Errors
/// When nobody can say.
pub async fn decided(
    state: &AppState,
    token: &str,
    (permission, user): (Permission, UserId),
    request_id: Option<&RequestId>,
) -> Result<Option<bool>, ApiError> {
    let Some(service) = &state.auth_service else {
        return Ok(None);
    };
    let of = about(token, permission, user);
    if let Some(known) = remembered(state, token)
        && let Some(decision) = service.decisions.find(of, known.stamp)
    {
        return Ok(Some(decision));
    }
    let question = Question {
        token: token.to_owned(),
        permission: Some(permission),
        user: Some(user.0),
    };
    let (standing, allowed) = judged(state, service, &question, request_id).await?;
    // Of an auth service that says nothing about it: no.
    let allowed = allowed.unwrap_or(false);
    service.decisions.keep(of, allowed, standing.stamp);
    Ok(Some(allowed))
}

/// What the auth service says of a token, and of a right if it was asked about one.
async fn judged(
    state: &AppState,
    service: &AuthService,
    question: &Question,
    request_id: Option<&RequestId>,
) -> Result<(Arc<Standing>, Option<bool>), ApiError> {
    let claimed = claimed(&question.token).ok_or(ApiError::InvalidToken)?;
    // Before the question, as above. What the token claims is enough for that, and is compared below.
    let stamp = stamp(state, claimed);
    let judgement: Judgement = service.ask(question, request_id).await?;
    let bearer = judgement.bearer();
    if bearer != claimed {
        return Err(ApiError::InvalidToken);
    }
    let standing = Arc::new(Standing {
        bearer,
        granted: judgement.granted.into(),
        issued_at: judgement.issued_at,
        expires_at: judgement.expires_at,
        stamp,
    });
    state.verified.keep(&question.token, &standing);
    Ok((standing, judgement.allowed))
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
