//! The SQL of keys and of the answers that are kept with them.

use std::time::Duration;

use axum::http::StatusCode;

use super::once::Asked;
use super::{Answer, Once};
use crate::database::{Reader, Timestamp, UserId, Work, each_engine, in_work};
use crate::http::ApiError;

/// A key is good for this long; after it, it names another request.
const LASTS: Duration = Duration::from_secs(24 * 3600);

const FORGET: &str = "DELETE FROM idempotency_keys WHERE user_id = $1 AND created_at < $2";
const FORGET_EXPIRED: &str = "DELETE FROM idempotency_keys WHERE id IN \
    (SELECT id FROM idempotency_keys WHERE created_at < $1 LIMIT $2)";
/// Waits for a transaction that has the key in hand.
const TAKE: &str = "INSERT INTO idempotency_keys (user_id, key, request_hash) VALUES ($1, $2, $3) \
    ON CONFLICT (user_id, key) DO NOTHING";
const FIND: &str = "SELECT request_hash, status, location, body FROM idempotency_keys \
    WHERE user_id = $1 AND key = $2";
const FIND_FRESH: &str = "SELECT request_hash, status, location, body FROM idempotency_keys \
    WHERE user_id = $1 AND key = $2 AND created_at >= $3";
const KEEP: &str = "UPDATE idempotency_keys SET status = $3, location = $4, body = $5 \
    WHERE user_id = $1 AND key = $2";

/// The row of a key.
#[derive(sqlx::FromRow)]
struct Row {
    request_hash: String,
    status: i32,
    location: Option<String>,
    body: String,
}

impl Row {
    fn into_answer(self) -> Result<Answer, ApiError> {
        let status = u16::try_from(self.status).ok();
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let lost = || ApiError::Internal("a kept answer has no status".into());
        Ok(Answer::again(
            status.ok_or_else(lost)?,
            self.location,
            self.body,
        ))
    }
}

/// Takes the key for a request, or finds what was answered when it was taken before.
pub(super) async fn take(work: &mut Work<'_>, user: UserId, asked: &Asked) -> Result<(), ApiError> {
    let expired = Timestamp::now().minus(LASTS);
    in_work!(work, connection => sqlx::query(FORGET).bind(user).bind(expired).execute(connection).await.map(drop))?;
    if insert(work, user, asked).await? {
        return Ok(());
    }
    let row: Row = in_work!(work, connection => sqlx::query_as(FIND)
        .bind(user)
        .bind(&asked.key)
        .fetch_one(connection)
        .await)?;
    match row.request_hash == asked.hash {
        true => Err(ApiError::AnsweredBefore(Box::new(row.into_answer()?))),
        false => Err(reused()),
    }
}

async fn insert(work: &mut Work<'_>, user: UserId, asked: &Asked) -> Result<bool, ApiError> {
    let inserted = in_work!(work, connection => sqlx::query(TAKE)
        .bind(user)
        .bind(&asked.key)
        .bind(&asked.hash)
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

/// In the transaction in which the key was taken.
pub(super) async fn keep(
    work: &mut Work<'_>,
    user: UserId,
    key: &str,
    answer: &Answer,
) -> Result<(), sqlx::Error> {
    in_work!(work, connection => sqlx::query(KEEP)
        .bind(user)
        .bind(key)
        .bind(i32::from(answer.status().as_u16()))
        .bind(answer.location())
        .bind(answer.body())
        .execute(connection)
        .await
        .map(drop))
}

/// What this user was answered under the key, with the fingerprint under which it was kept.
pub async fn answered(
    reader: &Reader,
    user: UserId,
    once: &Once,
) -> Result<Option<(String, Answer)>, ApiError> {
    let Some(asked) = once.asked() else {
        return Ok(None);
    };
    let expired = Timestamp::now().minus(LASTS);
    let row: Option<Row> = each_engine!(reader, pool => sqlx::query_as(FIND_FRESH)
        .bind(user)
        .bind(&asked.key)
        .bind(expired)
        .fetch_optional(pool)
        .await)?;
    row.map(|row| Ok((row.request_hash.clone(), row.into_answer()?)))
        .transpose()
}

pub fn reused() -> ApiError {
    ApiError::refused(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "This Idempotency-Key was used for another request",
    )
}

/// Takes away keys that name another request by now, so many at most.
pub(crate) async fn forget_expired(
    work: &mut Work<'_>,
    now: Timestamp,
    most: i64,
) -> Result<u64, sqlx::Error> {
    in_work!(work, connection => sqlx::query(FORGET_EXPIRED)
        .bind(now.minus(LASTS))
        .bind(most)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))
}
