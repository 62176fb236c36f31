//! What the database itself knows of changes: transactions, the log of deletions, columns that grow.

use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{Deletion, Fate, Table};
use opsctl_core::{Failure, Result};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::text::{quoted, table as table_text};
use super::versions::full;
use crate::connect::trouble;

/// What became of transactions here. One that is too old to be remembered took effect long ago; one that
/// is still in progress in a copy was prepared and never finished: it is not there.
pub(super) async fn fates(session: &mut PgConnection, versions: &[u64]) -> Result<Vec<Fate>> {
    let texts: Vec<String> = versions.iter().map(u64::to_string).collect();
    let said: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT pg_xact_status(v::xid8) FROM unnest($1::text[]) WITH ORDINALITY AS a (v, place) \
         ORDER BY place",
    )
    .bind(texts)
    .fetch_all(session)
    .await
    .map_err(trouble("ask what became of transactions"))?;
    let fate = |said: Option<String>| match said.as_deref() {
        Some("aborted" | "in progress") => Fate::Absent,
        _ => Fate::Committed,
    };
    Ok(said.into_iter().map(fate).collect())
}

/// The greatest value of a column that grows with every change.
pub(super) async fn greatest(
    session: &mut PgConnection,
    table: &Table,
    column: &str,
) -> Result<Option<i64>> {
    if !table.columns.iter().any(|name| name == column) {
        return Err(
            Failure::usage(format!("{} has no column {column}", table.name))
                .hint("correct change_traces in opsctl.yaml"),
        );
    }
    let sql = format!(
        "SELECT max({}::int8) FROM ONLY {}",
        quoted(column),
        table_text(&table.name)
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(session)
        .await
        .map_err(trouble("read the change column"))
}

/// Where the table of that name is, quoted, if it has these columns.
async fn find(session: &mut PgConnection, name: &str, columns: &[&str]) -> Result<Option<String>> {
    let wanted: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    // A bare name is meant in `public`.
    sqlx::query_scalar(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE ($1 IN (n.nspname || '.' || c.relname) OR (n.nspname = 'public' AND c.relname = $1)) \
         AND c.relkind IN ('r', 'p') AND (SELECT count(*) FROM pg_attribute a \
             WHERE a.attrelid = c.oid AND a.attname = ANY ($2::text[]) AND NOT a.attisdropped) = $3",
    )
    .bind(name)
    .bind(&wanted)
    .bind(i64::try_from(wanted.len()).unwrap_or(0))
    .fetch_optional(session)
    .await
    .map_err(trouble("look for a table"))
}

/// Entries of a deletion log for these keys, with the transactions that wrote them.
pub(super) async fn deletions(
    session: &mut PgConnection,
    log: &str,
    table: &Table,
    keys: &[String],
) -> Result<Vec<Deletion>> {
    let Some(from) = find(session, log, &["entity", "entity_id"]).await? else {
        return Ok(Vec::new());
    };
    let other_actions = match find(session, log, &["action"]).await? {
        Some(_) => " AND action ILIKE 'delete%'",
        None => "",
    };
    let sql = format!(
        "SELECT entity_id::text, xmin::text::int8, pg_snapshot_xmax(pg_current_snapshot())::text::int8 \
         FROM {from} WHERE entity = $1 AND entity_id = ANY ($2){other_actions}"
    );
    // A look-up by key, in a table that is not being judged: its index may help.
    let what = format!("read {log}");
    with_indexes(session, "on").await?;
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(&table.name.name)
        .bind(keys)
        .fetch_all(&mut *session)
        .await
        .map_err(trouble(&what))?;
    with_indexes(session, "off").await?;
    let entry = |row: sqlx::postgres::PgRow| {
        let number = |place: usize| u64::try_from(row.get::<i64, _>(place)).unwrap_or(0);
        Deletion {
            key: row.get(0),
            version: full(number(1), number(2)),
            position: None,
        }
    };
    Ok(rows.into_iter().map(entry).collect())
}

async fn with_indexes(session: &mut PgConnection, state: &str) -> Result<()> {
    let sql = format!("SET enable_indexscan = {state}; SET enable_bitmapscan = {state}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(session)
        .await
        .map_err(trouble("prepare to read"))?;
    Ok(())
}

/// The newest migration that was applied in full.
pub(super) async fn schema_version(session: &mut PgConnection) -> Result<Option<i64>> {
    let Some(from) = find(session, "_sqlx_migrations", &["version", "success"]).await? else {
        return Ok(None);
    };
    sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT max(version) FROM {from} WHERE success"
    )))
    .fetch_one(session)
    .await
    .map_err(trouble("read the newest migration"))
}

/// The newest heartbeat.
pub(super) async fn heartbeat(session: &mut PgConnection) -> Result<Option<Timestamp>> {
    let Some(from) = find(session, "heartbeat", &["beat_at"]).await? else {
        return Ok(None);
    };
    let beat: Option<time::OffsetDateTime> =
        sqlx::query_scalar(AssertSqlSafe(format!("SELECT max(beat_at) FROM {from}")))
            .fetch_one(session)
            .await
            .map_err(trouble("read the heartbeat"))?;
    Ok(beat.map(Timestamp))
}
