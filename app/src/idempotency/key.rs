//! The header, and taking what it names.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::kept::{Answer, Kept, Taken};
use crate::database::{Timestamp, UserId, Work, in_work};
use crate::http::ApiError;

const HEADER: &str = "idempotency-key";
const LONGEST: usize = 255;

/// A key is good for this long; after it, it names another request.
const LASTS: Duration = Duration::from_secs(24 * 3600);

const FORGET: &str = "DELETE FROM idempotency_keys WHERE user_id = $1 AND created_at < $2";
/// Waits for a transaction that has the key in hand.
const TAKE: &str = "INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES ($1, $2, $3) \
    ON CONFLICT (user_id, key) DO NOTHING";
const FIND: &str = "SELECT request_hash, status, location, body FROM idempotency_keys \
    WHERE user_id = $1 AND key = $2";

/// The key that a client gave its request, if it gave one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(HEADER) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default();
        let fits =
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            return Ok(Self(Some(text.to_owned())));
        }
        Err(ApiError::refused(
            StatusCode::BAD_REQUEST,
            "invalid_idempotency_key",
            format!("Idempotency-Key must have 1 to {LONGEST} visible ASCII characters"),
        ))
    }
}

impl IdempotencyKey {
    /// Takes the key for a request, or finds what was answered when it was taken before.
    ///
    /// # Errors
    /// When the key was taken for another request.
    pub async fn take(
        self,
        work: &mut Work<'_>,
        user: UserId,
        request: &impl Serialize,
    ) -> Result<Result<Taken, Answer>, ApiError> {
        let Some(key) = self.0 else {
            return Ok(Ok(Taken::nothing(user)));
        };
        let hash = fingerprint(request)?;
        let expired = Timestamp::now().minus(LASTS);
        in_work!(work, connection => sqlx::query(FORGET).bind(user).bind(expired).execute(connection).await.map(drop))?;
        if insert(work, user, &key, &hash).await? {
            return Ok(Ok(Taken::new(user, key)));
        }
        let kept: Kept = in_work!(work, connection => sqlx::query_as(FIND)
            .bind(user)
            .bind(&key)
            .fetch_one(connection)
            .await)?;
        if kept.request_hash == hash {
            return kept.into_answer().map(Err);
        }
        Err(ApiError::refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request",
        ))
    }
}

async fn insert(
    work: &mut Work<'_>,
    user: UserId,
    key: &str,
    hash: &str,
) -> Result<bool, ApiError> {
    let inserted = in_work!(work, connection => sqlx::query(TAKE)
        .bind(user)
        .bind(key)
        .bind(hash)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()));
    match inserted {
        Ok(rows) => Ok(rows > 0),
        // The token outlived its user.
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            Err(ApiError::InvalidToken)
        }
        Err(error) => Err(error.into()),
    }
}

/// Of what was asked and not of how it was written: the order of a body's fields means nothing.
fn fingerprint(request: &impl Serialize) -> Result<String, ApiError> {
    let bytes = serde_json::to_vec(request)
        .map_err(|error| ApiError::Internal(format!("a request cannot be written: {error}")))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
