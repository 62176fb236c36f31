//! Log-ins that last. A refresh token is good for one use and gives the next; one that is seen again was stolen, from the
//! client or by it, so its whole session ends. Only hashes of refresh tokens are kept.

use std::time::Duration;

use argon2::password_hash::rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha256};

use crate::database::{SessionId, Timestamp, UserId, Work, in_work};

/// A session ends this long after its log-in, however often it was refreshed.
pub const LASTS: Duration = Duration::from_secs(30 * 24 * 3600);

const FORGET: &str = "DELETE FROM sessions WHERE user_id = $1 AND expires_at < $2";
const FORGET_ENDED: &str =
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)";
const BEGIN: &str = "INSERT INTO sessions (user_id, expires_at) VALUES ($1, $2) RETURNING id";
const KEEP: &str = "INSERT INTO refresh_tokens (session_id, token_hash) VALUES ($1, $2)";
const USE: &str = "UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL \
    RETURNING session_id";
const OWNER: &str =
    "SELECT user_id FROM sessions WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2";
const REUSED: &str = "UPDATE sessions SET revoked_at = $2 WHERE revoked_at IS NULL \
    AND id = (SELECT session_id FROM refresh_tokens WHERE token_hash = $1) RETURNING user_id";
const END: &str = "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
const END_ALL: &str =
    "UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";

/// A session of somebody, and the token that goes on with it.
#[derive(Debug)]
pub struct Granted {
    pub user: UserId,
    pub session: SessionId,
    pub refresh_token: String,
}

/// What came of showing a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    Granted(Granted),
    /// It had been used before: the session is over. Must be committed.
    Reused(UserId),
    /// Unknown, or its session has ended.
    Refused,
}

/// Begins a session, and forgets those of the user that have run out.
pub async fn begin(work: &mut Work<'_>, user: UserId) -> Result<Granted, sqlx::Error> {
    let now = Timestamp::now();
    in_work!(work, connection => sqlx::query(FORGET).bind(user).bind(now).execute(connection).await.map(drop))?;
    let session: SessionId = in_work!(work, connection => sqlx::query_scalar(BEGIN)
        .bind(user)
        .bind(now.plus(LASTS))
        .fetch_one(connection)
        .await)?;
    next(work, user, session).await
}

/// Exchanges a refresh token for the next.
pub async fn refresh(work: &mut Work<'_>, token: &str) -> Result<Refreshed, sqlx::Error> {
    let (hash, now) = (hash(token), Timestamp::now());
    let used: Option<SessionId> = in_work!(work, connection => sqlx::query_scalar(USE)
        .bind(&hash)
        .bind(now)
        .fetch_optional(connection)
        .await)?;
    let Some(session) = used else {
        let robbed: Option<UserId> = in_work!(work, connection => sqlx::query_scalar(REUSED)
            .bind(&hash)
            .bind(now)
            .fetch_optional(connection)
            .await)?;
        return Ok(robbed.map_or(Refreshed::Refused, Refreshed::Reused));
    };
    let owner: Option<UserId> = in_work!(work, connection => sqlx::query_scalar(OWNER)
        .bind(session)
        .bind(now)
        .fetch_optional(connection)
        .await)?;
    match owner {
        Some(user) => next(work, user, session).await.map(Refreshed::Granted),
        None => Ok(Refreshed::Refused),
    }
}

/// Ends one session.
pub async fn end(work: &mut Work<'_>, session: SessionId) -> Result<(), sqlx::Error> {
    let now = Timestamp::now();
    in_work!(work, connection => sqlx::query(END).bind(session).bind(now).execute(connection).await.map(drop))
}

/// Ends every session of a user.
pub async fn end_all(work: &mut Work<'_>, user: UserId) -> Result<(), sqlx::Error> {
    let now = Timestamp::now();
    in_work!(work, connection => sqlx::query(END_ALL).bind(user).bind(now).execute(connection).await.map(drop))
}

async fn next(
    work: &mut Work<'_>,
    user: UserId,
    session: SessionId,
) -> Result<Granted, sqlx::Error> {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    let refresh_token = hexadecimal(&bytes);
    let hash = hash(&refresh_token);
    in_work!(work, connection => sqlx::query(KEEP).bind(session).bind(&hash).execute(connection).await.map(drop))?;
    Ok(Granted {
        user,
        session,
        refresh_token,
    })
}

/// A token is 256 random bits: a plain hash cannot be guessed back.
fn hash(token: &str) -> String {
    hexadecimal(&Sha256::digest(token))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes away sessions that have ended by themselves, so many at most.
pub(crate) async fn forget_ended(
    work: &mut Work<'_>,
    now: Timestamp,
    most: i64,
) -> Result<u64, sqlx::Error> {
    in_work!(work, connection => sqlx::query(FORGET_ENDED)
        .bind(now)
        .bind(most)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))
}
