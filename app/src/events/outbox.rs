//! Events are written here in the transaction of the change that they tell of: both happen, or neither.

use std::sync::Arc;

use serde_json::Value;
use sqlx::types::Json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Event, Kind};
use crate::database::{EntityId, EventId, LeaseId, Timestamp, Work, WorkConnection, in_work};
use crate::telemetry::traces;

const TELL: &str = "INSERT INTO outbox (id, kind, entity_id, actor_id, request_id, trace_parent, detail) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
/// On a copy that was put in place of the lost database nothing is taken until an operator says so.
const TAKE_SQLITE: &str = "UPDATE outbox SET published_at = $1 WHERE id IN ( \
      SELECT id FROM outbox WHERE published_at IS NULL \
        AND EXISTS (SELECT 1 FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
      ORDER BY occurred_at, id LIMIT $2) \
    RETURNING id, kind, entity_id, actor_id, request_id, trace_parent, detail, occurred_at";
const TAKE_POSTGRES: &str = "UPDATE outbox SET published_at = $1 WHERE id IN ( \
      SELECT id FROM outbox WHERE published_at IS NULL \
        AND EXISTS (SELECT 1 FROM database_identity WHERE role = 'primary' AND effects = 'flowing') \
      ORDER BY occurred_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) \
    RETURNING id, kind, entity_id, actor_id, request_id, trace_parent, detail, occurred_at";
const HELD: &str = "SELECT o.id, o.kind, o.entity_id, o.actor_id, o.request_id, o.trace_parent, o.detail, o.occurred_at \
    FROM outbox o JOIN deliveries d ON d.event_id = o.id WHERE d.lease_id = $1 AND d.state = 'pending'";

const FORGET: &str = "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o WHERE o.published_at < $1 \
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = o.id AND d.state IN ('pending', 'dead')) LIMIT $2)";

/// Where changes tell what happened. Clones are one outbox.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    filled: Arc<Notify>,
}

impl Outbox {
    /// Tells of a change in its own transaction, on behalf of whoever that transaction is for.
    pub async fn tell(
        &self,
        work: &mut Work<'_>,
        kind: Kind,
        entity: Uuid,
        detail: Option<Value>,
    ) -> Result<(), sqlx::Error> {
        let actor = work.actor().clone();
        in_work!(work, connection => sqlx::query(TELL)
            .bind(EventId(Uuid::now_v7()))
            .bind(kind.as_str())
            .bind(EntityId(entity))
            .bind(actor.user)
            .bind(actor.request_id)
            .bind(traces::here())
            .bind(detail.map(Json))
            .execute(connection)
            .await
            .map(drop))?;
        work.wake_when_committed(&self.filled);
        Ok(())
    }

    /// Another process has told of something.
    pub fn look(&self) {
        self.filled.notify_one();
    }

    /// Returns when this process has told of something, or has heard that another did.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }
}

/// Takes the oldest events that nobody has taken, until the transaction ends.
pub(super) async fn take(
    work: &mut Work<'_>,
    now: Timestamp,
    most: i64,
) -> Result<Vec<Event>, sqlx::Error> {
    match work.connection() {
        WorkConnection::Sqlite(connection) => {
            let query = sqlx::query_as(TAKE_SQLITE).bind(now).bind(most);
            query.fetch_all(connection).await
        }
        WorkConnection::Postgres(connection) => {
            let query = sqlx::query_as(TAKE_POSTGRES).bind(now).bind(most);
            query.fetch_all(connection).await
        }
    }
}

/// Takes away events of before that nobody has anything to do with any more, with their deliveries.
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

/// The events of the deliveries that this lease holds.
pub(super) async fn held_by(
    work: &mut Work<'_>,
    lease: LeaseId,
) -> Result<Vec<Event>, sqlx::Error> {
    in_work!(work, connection => sqlx::query_as(HELD).bind(lease).fetch_all(connection).await)
}
