//! The SQL of the audit log.

use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::database::{EntryId, Reader, Timestamp, UserId, Work, each_engine, in_work};
use crate::events::Event;
use crate::http::{Cursor, PageRequest};

const RECORD: &str = "INSERT INTO audit_log (id, occurred_at, action, entity, entity_id, actor_id, request_id, detail) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
const LIST: &str = "SELECT id, occurred_at, action, entity, entity_id, actor_id, request_id, detail FROM audit_log \
    WHERE ($2 IS NULL OR entity = $2) AND ($3 IS NULL OR entity_id = $3) \
    ORDER BY occurred_at DESC, id DESC LIMIT $1";
const LIST_AFTER: &str = "SELECT id, occurred_at, action, entity, entity_id, actor_id, request_id, detail FROM audit_log \
    WHERE ($2 IS NULL OR entity = $2) AND ($3 IS NULL OR entity_id = $3) AND (occurred_at, id) < ($4, $5) \
    ORDER BY occurred_at DESC, id DESC LIMIT $1";

/// A line.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    id: EntryId,
    occurred_at: Timestamp,
    /// What was done: `deleted` where the database itself saw a row go, else the kind of the event or `changed`.
    #[schema(example = "user.created")]
    action: String,
    /// The table of what it was done to.
    #[schema(example = "users")]
    entity: String,
    entity_id: String,
    /// Null for somebody who was not logged in, or whom nobody noted.
    actor_id: Option<UserId>,
    /// `X-Request-ID` of the request in which it was done.
    request_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    detail: Option<Json<Value>>,
}

impl Entry {
    pub fn place(&self) -> Cursor {
        Cursor {
            created_at: self.occurred_at,
            id: self.id.0,
        }
    }
}

/// Which lines are asked for.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only lines about this table.
    entity: Option<String>,
    /// Only lines about what has this key.
    entity_id: Option<String>,
}

/// Keeps an event, once.
pub async fn record(work: &mut Work<'_>, event: &Event) -> Result<(), sqlx::Error> {
    in_work!(work, connection => sqlx::query(RECORD)
        .bind(EntryId(event.id.0))
        .bind(event.occurred_at)
        .bind(&event.kind)
        .bind(event.entity())
        .bind(event.entity_id.to_string())
        .bind(event.actor_id)
        .bind(&event.request_id)
        .bind(&event.detail)
        .execute(connection)
        .await
        .map(drop))
}

/// Newest first.
pub async fn list(
    reader: &Reader,
    wanted: &Wanted,
    page: PageRequest,
) -> Result<Vec<Entry>, sqlx::Error> {
    let (rows, entity, id) = (page.rows_to_read(), &wanted.entity, &wanted.entity_id);
    let Some(after) = page.after else {
        return each_engine!(reader, pool => sqlx::query_as(LIST)
            .bind(rows)
            .bind(entity)
            .bind(id)
            .fetch_all(pool)
            .await);
    };
    each_engine!(reader, pool => sqlx::query_as(LIST_AFTER)
        .bind(rows)
        .bind(entity)
        .bind(id)
        .bind(after.created_at)
        .bind(EntryId(after.id))
        .fetch_all(pool)
        .await)
}
