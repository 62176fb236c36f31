//! What the database itself knows of changes: its log of rows, its log of deletions, columns that grow.

use std::collections::BTreeSet;

use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{Deletion, Table};
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::text::{failed, literal, quoted};

async fn number(session: &mut SqliteConnection, sql: String) -> Result<Option<i64>> {
    let what = format!("run {sql}");
    sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql))
        .fetch_one(session)
        .await
        .map_err(failed(what))
}

/// True when there is a table of that name with these columns.
async fn has(session: &mut SqliteConnection, table: &str, columns: &[&str]) -> Result<bool> {
    let wanted: Vec<String> = columns.iter().map(|name| literal(name)).collect();
    let sql = format!(
        "SELECT count(*) FROM pragma_table_xinfo({}) WHERE name IN ({})",
        literal(table),
        wanted.join(", ")
    );
    let found = number(session, sql).await?.unwrap_or(0);
    Ok(usize::try_from(found).is_ok_and(|found| found == columns.len()))
}

/// The newest entry of the log of rows; its counter knows even those that were pruned.
pub(super) async fn newest_change(session: &mut SqliteConnection) -> Result<Option<i64>> {
    if !has(session, "row_changes", &["seq", "table_name", "row_key"]).await? {
        return Ok(None);
    }
    counted(session, "row_changes", "seq")
        .await
        .map(|newest| Some(newest.unwrap_or(0)))
}

/// The greatest value of a column, or of the counter behind it.
async fn counted(session: &mut SqliteConnection, table: &str, column: &str) -> Result<Option<i64>> {
    let greatest = format!("SELECT max({}) FROM {}", quoted(column), quoted(table));
    let greatest = number(session, greatest).await?;
    let rule = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'".into();
    if number(session, rule).await? == Some(0) || !matches!(column, "rowid" | "seq") {
        return Ok(greatest);
    }
    let counter = format!(
        "SELECT max(seq) FROM sqlite_sequence WHERE name = {}",
        literal(table)
    );
    Ok(greatest.max(number(session, counter).await?))
}

/// Which of the keys the log of rows names after a position.
pub(super) async fn changed_since(
    session: &mut SqliteConnection,
    table: &Table,
    keys: &[String],
    position: i64,
) -> Result<BTreeSet<String>> {
    let sql = "SELECT DISTINCT row_key FROM row_changes WHERE table_name = ?1 AND seq > ?2 \
               AND row_key IN (SELECT value FROM json_each(?3))";
    let found = sqlx::query_scalar::<_, String>(sql)
        .bind(&table.name.name)
        .bind(position)
        .bind(serde_json::json!(keys).to_string())
        .fetch_all(session)
        .await
        .map_err(failed(format!("read what changed in {}", table.name)))?;
    Ok(found.into_iter().collect())
}

/// The greatest value of a column that grows with every change.
pub(super) async fn greatest(
    session: &mut SqliteConnection,
    table: &Table,
    column: &str,
) -> Result<Option<i64>> {
    if column == "rowid" || table.columns.iter().any(|name| name == column) {
        return counted(session, &table.name.name, column).await;
    }
    Ok(None)
}

/// Entries of a deletion log for these keys; none when there is no such log.
pub(super) async fn deletions(
    session: &mut SqliteConnection,
    log: &str,
    table: &Table,
    keys: &[String],
) -> Result<Vec<Deletion>> {
    if !has(session, log, &["entity", "entity_id"]).await? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT entity_id, rowid FROM {} WHERE entity = ?1 \
         AND entity_id IN (SELECT value FROM json_each(?2))",
        quoted(log)
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(&table.name.name)
        .bind(serde_json::json!(keys).to_string())
        .fetch_all(session)
        .await
        .map_err(failed(format!("read {log}")))?;
    let entry = |row: sqlx::sqlite::SqliteRow| Deletion {
        key: row.get(0),
        version: None,
        position: row.get(1),
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// The newest entry of a deletion log.
pub(super) async fn deletions_until(
    session: &mut SqliteConnection,
    log: &str,
) -> Result<Option<i64>> {
    if !has(session, log, &["entity", "entity_id"]).await? {
        return Ok(None);
    }
    counted(session, log, "rowid")
        .await
        .map(|newest| Some(newest.unwrap_or(0)))
}

/// The newest migration that was applied in full.
pub(super) async fn schema_version(session: &mut SqliteConnection) -> Result<Option<i64>> {
    if !has(session, "_sqlx_migrations", &["version", "success"]).await? {
        return Ok(None);
    }
    number(
        session,
        "SELECT max(version) FROM _sqlx_migrations WHERE success".into(),
    )
    .await
}

/// The newest heartbeat.
pub(super) async fn heartbeat(session: &mut SqliteConnection) -> Result<Option<Timestamp>> {
    if !has(session, "heartbeat", &["beat_at"]).await? {
        return Ok(None);
    }
    let beat = sqlx::query_scalar::<_, Option<String>>("SELECT max(beat_at) FROM heartbeat")
        .fetch_one(session)
        .await
        .map_err(failed("read the heartbeat"))?;
    beat.as_deref().map(Timestamp::parse).transpose()
}
