//! The SQL of flags. One text for both engines but for the detail of an audit row, which is JSON on one and text on the other.

use super::{Flag, Share};
use crate::auth::Caller;
use crate::database::{Reader, Timestamp, UserId, Work, WorkConnection, each_engine, in_work};

const ALL: &str =
    "SELECT name, enabled, share, updated_at, updated_by FROM feature_flags ORDER BY name";
const ONE: &str =
    "SELECT name, enabled, share, updated_at, updated_by FROM feature_flags WHERE name = $1";
const ONE_LOCKED_POSTGRES: &str = "SELECT name, enabled, share, updated_at, updated_by \
    FROM feature_flags WHERE name = $1 FOR UPDATE";
const PUT: &str = "INSERT INTO feature_flags (name, enabled, share, updated_at, updated_by) \
    VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, share = excluded.share, \
      updated_at = excluded.updated_at, updated_by = excluded.updated_by";
const AUDIT_SQLITE: &str = "INSERT INTO audit_log (action, entity, entity_id, actor_id, request_id, detail) \
    VALUES ('changed', 'feature_flags', $1, $2, $3, $4)";
const AUDIT_POSTGRES: &str = "INSERT INTO audit_log (action, entity, entity_id, actor_id, request_id, detail) \
    VALUES ('changed', 'feature_flags', $1, $2, $3, $4::jsonb)";

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    enabled: bool,
    share: i32,
    updated_at: Timestamp,
    updated_by: Option<UserId>,
}

impl Row {
    /// None for a row that another version wrote and this one cannot read: it opens nothing.
    fn read(self) -> Option<Flag> {
        Some(Flag {
            name: self.name.parse().ok()?,
            enabled: self.enabled,
            share: Share::parse(self.share.into()).ok()?,
            updated_at: self.updated_at,
            updated_by: self.updated_by,
        })
    }
}

pub async fn all(reader: &Reader) -> Result<Vec<Flag>, sqlx::Error> {
    let rows: Vec<Row> = each_engine!(reader, pool => sqlx::query_as(ALL).fetch_all(pool).await)?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

pub async fn find_in(work: &mut Work<'_>, name: &str) -> Result<Option<Flag>, sqlx::Error> {
    let row: Option<Row> = match work.connection() {
        WorkConnection::Sqlite(connection) => {
            let query = sqlx::query_as(ONE).bind(name);
            query.fetch_optional(connection).await?
        }
        WorkConnection::Postgres(connection) => {
            let query = sqlx::query_as(ONE_LOCKED_POSTGRES).bind(name);
            query.fetch_optional(connection).await?
        }
    };
    Ok(row.and_then(Row::read))
}

pub async fn put(work: &mut Work<'_>, flag: &Flag) -> Result<(), sqlx::Error> {
    in_work!(work, connection => sqlx::query(PUT)
        .bind(flag.name.as_str())
        .bind(flag.enabled)
        .bind(flag.share.percent())
        .bind(flag.updated_at)
        .bind(flag.updated_by)
        .execute(connection)
        .await
        .map(drop))
}

/// Who changed what from what to what; when is the row's own time.
pub async fn leave_trace(
    work: &mut Work<'_>,
    caller: &Caller,
    old: Option<&Flag>,
    new: &Flag,
) -> Result<(), sqlx::Error> {
    let said = |flag: &Flag| serde_json::json!({"enabled": flag.enabled, "share": flag.share});
    let detail = serde_json::json!({"old": old.map(said), "new": said(new)}).to_string();
    let actor = caller.actor();
    match work.connection() {
        WorkConnection::Sqlite(connection) => sqlx::query(AUDIT_SQLITE)
            .bind(new.name.as_str())
            .bind(actor.user)
            .bind(actor.request_id)
            .bind(detail)
            .execute(connection)
            .await
            .map(drop),
        WorkConnection::Postgres(connection) => sqlx::query(AUDIT_POSTGRES)
            .bind(new.name.as_str())
            .bind(actor.user)
            .bind(actor.request_id)
            .bind(detail)
            .execute(connection)
            .await
            .map(drop),
    }
}
