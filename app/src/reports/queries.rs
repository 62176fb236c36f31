//! The SQL of reports; one text for both engines.

use crate::database::{
    Day, Reader, ReportId, Timestamp, UserId, Work, Writer, each_engine, in_work,
};

const BEGIN: &str = "INSERT INTO reports (day, claimed_at) VALUES ($1, $2) \
    ON CONFLICT (day) DO UPDATE SET claimed_at = excluded.claimed_at WHERE reports.completed_at IS NULL";
const COMPLETE: &str = "UPDATE reports SET completed_at = $2, storage_key = $3, bytes = $4 \
    WHERE day = $1 AND completed_at IS NULL RETURNING id";
const LIST: &str = "SELECT id, day, completed_at, bytes FROM reports \
    WHERE completed_at IS NOT NULL ORDER BY day DESC LIMIT 100";
const LAST: &str = "SELECT id, day, completed_at, bytes FROM reports \
    WHERE completed_at IS NOT NULL ORDER BY day DESC LIMIT 1";
const FIND: &str = "SELECT id, day, completed_at, bytes FROM reports \
    WHERE id = $1 AND completed_at IS NOT NULL";
const SUBSCRIBE: &str =
    "INSERT INTO report_subscriptions (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING";
const IS_TOLD: &str = "SELECT count(*) FROM report_subscriptions s JOIN user_permissions p ON p.user_id = s.user_id \
    WHERE s.user_id = $1 AND p.permission = 'admin'";
const UNSUBSCRIBE: &str = "DELETE FROM report_subscriptions WHERE user_id = $1";

/// A complete report.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    pub id: ReportId,
    pub day: Day,
    pub completed_at: Timestamp,
    pub bytes: i64,
}

/// Notes that the report is being made. False where it is complete.
pub async fn begin(writer: &Writer, day: Day, now: Timestamp) -> Result<bool, sqlx::Error> {
    let rows = each_engine!(writer, pool => sqlx::query(BEGIN)
        .bind(day)
        .bind(now)
        .execute(pool)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows > 0)
}

/// The report, if it was not complete before: of two who made it one tells of it.
pub async fn complete(
    work: &mut Work<'_>,
    day: Day,
    now: Timestamp,
    (key, bytes): (&str, usize),
) -> Result<Option<ReportId>, sqlx::Error> {
    in_work!(work, connection => sqlx::query_scalar(COMPLETE)
        .bind(day)
        .bind(now)
        .bind(key)
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .fetch_optional(connection)
        .await)
}

/// The newest first.
pub async fn list(reader: &Reader) -> Result<Vec<Row>, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_as(LIST).fetch_all(pool).await)
}

pub async fn last(reader: &Reader) -> Result<Option<Row>, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_as(LAST).fetch_optional(pool).await)
}

pub async fn find(reader: &Reader, id: ReportId) -> Result<Option<Row>, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn subscribe(work: &mut Work<'_>, user: UserId) -> Result<(), sqlx::Error> {
    in_work!(work, connection => sqlx::query(SUBSCRIBE).bind(user).execute(connection).await.map(drop))
}

pub async fn unsubscribe(work: &mut Work<'_>, user: UserId) -> Result<(), sqlx::Error> {
    in_work!(work, connection => sqlx::query(UNSUBSCRIBE).bind(user).execute(connection).await.map(drop))
}

/// Whether the user asked to be told, and may have reports.
pub async fn is_told(reader: &Reader, user: UserId) -> Result<bool, sqlx::Error> {
    let found: i64 =
        each_engine!(reader, pool => sqlx::query_scalar(IS_TOLD).bind(user).fetch_one(pool).await)?;
    Ok(found > 0)
}
