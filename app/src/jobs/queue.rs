//! The rows of jobs: one a kind and due time, claimed for a while by one runner, ended once. Whoever ends one must still hold it.

use crate::database::{
    JobId, LeaseId, Reader, Timestamp, Work, WorkConnection, each_engine, in_work,
};

const LAST: &str = "SELECT max(scheduled_at), \
      (SELECT count(*) FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
    FROM jobs WHERE kind = $1";
const SCHEDULE: &str = "INSERT INTO jobs (kind, scheduled_at, due_at) VALUES ($1, $2, $3) \
    ON CONFLICT (kind, scheduled_at) DO NOTHING";
const WAITING: &str = "SELECT count(*) FROM ( \
    SELECT 1 FROM jobs, database_identity WHERE kind = $1 AND state = 'pending' AND due_at <= $2 \
      AND role = 'primary' AND effects = 'flowing' LIMIT 1) AS t";
const CLAIM_SQLITE: &str = "UPDATE jobs SET due_at = $3, lease_id = $4, attempts = attempts + 1 WHERE id IN ( \
      SELECT id FROM jobs WHERE kind = $1 AND state = 'pending' AND due_at <= $2 \
        AND EXISTS (SELECT 1 FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
      ORDER BY scheduled_at LIMIT 1) \
    RETURNING id, scheduled_at, attempts";
const CLAIM_POSTGRES: &str = "UPDATE jobs SET due_at = $3, lease_id = $4, attempts = attempts + 1 WHERE id IN ( \
      SELECT id FROM jobs WHERE kind = $1 AND state = 'pending' AND due_at <= $2 \
        AND EXISTS (SELECT 1 FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
      ORDER BY scheduled_at LIMIT 1 FOR UPDATE SKIP LOCKED) \
    RETURNING id, scheduled_at, attempts";
const RENEW: &str =
    "UPDATE jobs SET due_at = $3 WHERE id = $1 AND lease_id = $2 AND state = 'pending'";
const END: &str = "UPDATE jobs SET state = $3, ended_at = $4, last_error = coalesce($5, last_error) \
    WHERE id = $1 AND lease_id = $2 AND state = 'pending'";
const AGAIN: &str = "UPDATE jobs SET due_at = $3, lease_id = NULL, last_error = $4 \
    WHERE id = $1 AND lease_id = $2 AND state = 'pending'";
// The last of each kind says from when on something may have been missed.
const FORGET: &str = "DELETE FROM jobs WHERE id IN (SELECT j.id FROM jobs j WHERE j.state = 'done' AND j.ended_at < $1 \
    AND j.scheduled_at < (SELECT max(l.scheduled_at) FROM jobs l WHERE l.kind = j.kind) LIMIT $2)";

/// A job in hand.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Claimed {
    pub id: JobId,
    pub scheduled_at: Timestamp,
    /// This one included.
    pub attempts: i32,
}

/// For what, until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub kind: &'static str,
    pub now: Timestamp,
    pub until: Timestamp,
    pub lease: LeaseId,
}

/// How a job ended for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End<'a> {
    Done,
    Dead(&'a str),
}

/// The last due time of a kind that was scheduled; None while the effects of the database are held, when nothing is.
pub(super) async fn last(
    reader: &Reader,
    kind: &str,
) -> Result<Option<Option<Timestamp>>, sqlx::Error> {
    let (last, flowing): (Option<Timestamp>, i64) = each_engine!(reader, pool => sqlx::query_as(LAST)
        .bind(kind)
        .fetch_one(pool)
        .await)?;
    Ok((flowing > 0).then_some(last))
}

/// True where nobody had scheduled it before.
pub(super) async fn schedule(
    work: &mut Work<'_>,
    kind: &str,
    at: Timestamp,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let rows = in_work!(work, connection => sqlx::query(SCHEDULE)
        .bind(kind)
        .bind(at)
        .bind(now)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether there is something to claim: asked first, so that an idle process writes nothing.
pub(super) async fn is_waiting(
    reader: &Reader,
    kind: &str,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let found: i64 = each_engine!(reader, pool => sqlx::query_scalar(WAITING)
        .bind(kind)
        .bind(now)
        .fetch_one(pool)
        .await)?;
    Ok(found > 0)
}

/// Claims the oldest that is due, for one alone.
pub(super) async fn claim(
    work: &mut Work<'_>,
    claim: Claim,
) -> Result<Option<Claimed>, sqlx::Error> {
    match work.connection() {
        WorkConnection::Sqlite(connection) => {
            let query = sqlx::query_as(CLAIM_SQLITE).bind(claim.kind);
            let query = query.bind(claim.now).bind(claim.until).bind(claim.lease);
            query.fetch_optional(connection).await
        }
        WorkConnection::Postgres(connection) => {
            let query = sqlx::query_as(CLAIM_POSTGRES).bind(claim.kind);
            let query = query.bind(claim.now).bind(claim.until).bind(claim.lease);
            query.fetch_optional(connection).await
        }
    }
}

/// Says that it is still being worked on. False where another holds it by now.
pub(super) async fn renew(
    work: &mut Work<'_>,
    id: JobId,
    lease: LeaseId,
    until: Timestamp,
) -> Result<bool, sqlx::Error> {
    let rows = in_work!(work, connection => sqlx::query(RENEW)
        .bind(id)
        .bind(lease)
        .bind(until)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends it. False where another holds it by now.
pub(super) async fn end(
    work: &mut Work<'_>,
    (id, lease): (JobId, LeaseId),
    end: End<'_>,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let (state, why) = match end {
        End::Done => ("done", None),
        End::Dead(why) => ("dead", Some(why)),
    };
    let rows = in_work!(work, connection => sqlx::query(END)
        .bind(id)
        .bind(lease)
        .bind(state)
        .bind(now)
        .bind(why)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Puts it off.
pub(super) async fn again(
    work: &mut Work<'_>,
    (id, lease): (JobId, LeaseId),
    at: Timestamp,
    why: &str,
) -> Result<(), sqlx::Error> {
    in_work!(work, connection => sqlx::query(AGAIN)
        .bind(id)
        .bind(lease)
        .bind(at)
        .bind(why)
        .execute(connection)
        .await
        .map(drop))
}

/// Takes away what was done before that moment, so many at most.
pub(super) async fn forget(
    work: &mut Work<'_>,
    before: Timestamp,
    most: i64,
) -> Result<u64, sqlx::Error> {
    in_work!(work, connection => sqlx::query(FORGET)
        .bind(before)
        .bind(most)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))
}
