//! The rows of deliveries: made by the publisher, claimed for a while by one courier, ended once. Whoever ends one must still
//! hold it; a claim that ran out is somebody else's by then.

use serde_json::json;

use super::Event;
use super::backoff::{Next, after};
use crate::database::{
    DeliveryId, EventId, LeaseId, Reader, Timestamp, Work, WorkConnection, each_engine, in_work,
};

const MAKE_SQLITE: &str = "INSERT INTO deliveries (event_id, subscriber, due_at) \
    SELECT value, $2, $3 FROM json_each($1) WHERE true ON CONFLICT (event_id, subscriber) DO NOTHING";
const MAKE_POSTGRES: &str = "INSERT INTO deliveries (event_id, subscriber, due_at) \
    SELECT value::uuid, $2, $3 FROM jsonb_array_elements_text($1::jsonb) \
    ON CONFLICT (event_id, subscriber) DO NOTHING";
const CLAIM_SQLITE: &str = "UPDATE deliveries SET due_at = $3, lease_id = $4, attempts = attempts + 1 WHERE id IN ( \
      SELECT id FROM deliveries WHERE subscriber = $1 AND state = 'pending' AND due_at <= $2 \
        AND EXISTS (SELECT 1 FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
      ORDER BY due_at, id LIMIT $5) \
    RETURNING id, event_id, attempts";
const CLAIM_POSTGRES: &str = "UPDATE deliveries SET due_at = $3, lease_id = $4, attempts = attempts + 1 WHERE id IN ( \
      SELECT id FROM deliveries WHERE subscriber = $1 AND state = 'pending' AND due_at <= $2 \
        AND EXISTS (SELECT 1 FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
      ORDER BY due_at, id LIMIT $5 FOR UPDATE SKIP LOCKED) \
    RETURNING id, event_id, attempts";
const END: &str = "UPDATE deliveries SET state = $3, ended_at = $4, last_error = $5 \
    WHERE id = $1 AND lease_id = $2 AND state = 'pending'";
const AGAIN: &str = "UPDATE deliveries SET due_at = $3, lease_id = NULL, last_error = $4 \
    WHERE id = $1 AND lease_id = $2 AND state = 'pending'";
const WAITING: &str = "SELECT count(*) FROM ( \
    SELECT 1 FROM deliveries, database_identity WHERE subscriber = $1 AND state = 'pending' AND due_at <= $2 \
      AND role = 'primary' AND effects = 'flowing' LIMIT 1) AS t";

/// A delivery in hand.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Claimed {
    pub id: DeliveryId,
    pub event_id: EventId,
    /// This one included.
    pub attempts: i32,
}

/// For whom, until when, and how many at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub subscriber: &'static str,
    pub now: Timestamp,
    pub until: Timestamp,
    pub lease: LeaseId,
    pub most: i64,
}

/// One for each event, unless there is one.
pub(super) async fn make(
    work: &mut Work<'_>,
    subscriber: &str,
    events: &[&Event],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
    let ids = json!(ids).to_string();
    match work.connection() {
        WorkConnection::Sqlite(connection) => {
            let query = sqlx::query(MAKE_SQLITE)
                .bind(ids)
                .bind(subscriber)
                .bind(now);
            query.execute(connection).await.map(drop)
        }
        WorkConnection::Postgres(connection) => {
            let query = sqlx::query(MAKE_POSTGRES)
                .bind(ids)
                .bind(subscriber)
                .bind(now);
            query.execute(connection).await.map(drop)
        }
    }
}

/// Whether there is something to claim: asked first, so that an idle process writes nothing.
pub(super) async fn is_waiting(
    reader: &Reader,
    subscriber: &str,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let found: i64 = each_engine!(reader, pool => sqlx::query_scalar(WAITING)
        .bind(subscriber)
        .bind(now)
        .fetch_one(pool)
        .await)?;
    Ok(found > 0)
}

/// Claims what is due, each for one alone.
pub(super) async fn claim(work: &mut Work<'_>, claim: Claim) -> Result<Vec<Claimed>, sqlx::Error> {
    match work.connection() {
        WorkConnection::Sqlite(connection) => {
            let query = sqlx::query_as(CLAIM_SQLITE)
                .bind(claim.subscriber)
                .bind(claim.now);
            let query = query.bind(claim.until).bind(claim.lease).bind(claim.most);
            query.fetch_all(connection).await
        }
        WorkConnection::Postgres(connection) => {
            let query = sqlx::query_as(CLAIM_POSTGRES)
                .bind(claim.subscriber)
                .bind(claim.now);
            let query = query.bind(claim.until).bind(claim.lease).bind(claim.most);
            query.fetch_all(connection).await
        }
    }
}

/// Says that it is done. False where another holds it by now: then nothing that belongs to it may be committed.
pub(super) async fn done(
    work: &mut Work<'_>,
    id: DeliveryId,
    lease: LeaseId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    end(work, (id, lease), "done", now, None).await
}

/// Puts it off, or gives it up.
pub(super) async fn failed(
    work: &mut Work<'_>,
    claimed: Claimed,
    lease: LeaseId,
    now: Timestamp,
    failure: &super::Failed,
) -> Result<Next, sqlx::Error> {
    let next = after(claimed.attempts, failure.is_lasting(), claimed.id.0);
    let why = failure.to_string();
    match next {
        Next::Dead => {
            end(work, (claimed.id, lease), "dead", now, Some(why)).await?;
        }
        Next::Again(pause) => {
            in_work!(work, connection => sqlx::query(AGAIN)
                .bind(claimed.id)
                .bind(lease)
                .bind(now.plus(pause))
                .bind(why)
                .execute(connection)
                .await
                .map(drop))?;
        }
    }
    Ok(next)
}

async fn end(
    work: &mut Work<'_>,
    (id, lease): (DeliveryId, LeaseId),
    state: &'static str,
    now: Timestamp,
    why: Option<String>,
) -> Result<bool, sqlx::Error> {
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
