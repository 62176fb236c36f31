//! Choosing what is damaged: by the seed, among what is there.

use opsctl_core::Result;
use opsctl_core::integrity::Rng;
use opsctl_core::ports::Table;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::inspect::catalogue;
use crate::inspect::text::{failed, quoted};

/// Runs statements in one transaction with triggers out of the way, and puts the triggers back.
pub(super) async fn silently(
    session: &mut SqliteConnection,
    table: &str,
    statement: String,
) -> Result<()> {
    let find = format!(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = {}",
        crate::inspect::text::literal(table)
    );
    let triggers: Vec<(String, String)> = catalogue::rows(session, find)
        .await?
        .into_iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    run(session, "PRAGMA foreign_keys = OFF").await?;
    run(session, "PRAGMA ignore_check_constraints = ON").await?;
    run(session, "BEGIN IMMEDIATE").await?;
    for (name, _) in &triggers {
        run(session, format!("DROP TRIGGER {}", quoted(name))).await?;
    }
    run(session, statement).await?;
    for (_, sql) in triggers {
        run(session, sql).await?;
    }
    run(session, "COMMIT").await
}

/// Runs one statement.
pub(super) async fn run(session: &mut SqliteConnection, sql: impl Into<String>) -> Result<()> {
    let sql = sql.into();
    let what = format!("damage the copy ({sql})");
    sqlx::query(AssertSqlSafe(sql))
        .execute(session)
        .await
        .map_err(failed(what))?;
    Ok(())
}

/// One number.
pub(super) async fn number(session: &mut SqliteConnection, sql: String) -> Result<i64> {
    let what = format!("run {sql}");
    let found = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql))
        .fetch_one(session)
        .await;
    Ok(found.map_err(failed(what))?.unwrap_or(0))
}

/// True when the database says that it is a scratch copy.
pub(super) async fn is_scratch(session: &mut SqliteConnection) -> Result<bool> {
    let sql = "SELECT count(*) FROM database_identity WHERE id = 1 AND role = 'scratch'";
    Ok(number(session, sql.into()).await? == 1)
}

/// Tables that hold rows whose changes leave a trace, with the number of their rows.
pub(super) async fn tables(session: &mut SqliteConnection) -> Result<Vec<(Table, u64)>> {
    let mut found = Vec::new();
    for table in catalogue::tables(session).await? {
        let sql = format!("SELECT count(*) FROM {}", quoted(&table.name.name));
        let rows = u64::try_from(number(session, sql).await?).unwrap_or(0);
        if table.logged && rows > 0 {
            found.push((table, rows));
        }
    }
    Ok(found)
}

/// One row of a table: a condition that is true for it alone, and its key as text.
pub(super) async fn row(
    session: &mut SqliteConnection,
    table: &Table,
    rows: u64,
    rng: &mut Rng,
) -> Result<(String, String)> {
    let name = quoted(&table.name.name);
    let place = rng.below(rows);
    let key = table
        .key
        .first()
        .map_or_else(|| "rowid".to_owned(), |key| quoted(key));
    let sql = format!(
        "SELECT rowid, CAST({key} AS TEXT) FROM {name} ORDER BY {key} LIMIT 1 OFFSET {place}"
    );
    let row = catalogue::rows(session, sql).await?;
    let row = row.first();
    let id: i64 = row.map_or(0, |row| row.get(0));
    let key: Option<String> = row.and_then(|row| row.get(1));
    Ok((format!("rowid = {id}"), key.unwrap_or_default()))
}
