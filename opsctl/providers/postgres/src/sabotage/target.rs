//! Choosing what is damaged: by the seed, among what is there.

use opsctl_core::Result;
use opsctl_core::integrity::Rng;
use opsctl_core::ports::Table;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::connect::trouble;
use crate::inspect::catalogue;
use crate::inspect::text::{quoted, table as table_text};

/// Tables whose rows change by nature: that one is gone from them proves nothing.
const RESTLESS: &[&str] = &["database_identity", "heartbeat"];

/// Runs one statement with triggers and foreign keys out of the way.
pub(super) async fn silently(session: &mut PgConnection, statement: &str) -> Result<()> {
    let sql = format!(
        "SET search_path = pg_catalog; SET session_replication_role = replica; {statement}; \
         RESET session_replication_role"
    );
    run(session, &sql).await
}

/// Runs statements.
pub(super) async fn run(session: &mut PgConnection, sql: &str) -> Result<()> {
    let what = format!("damage the copy ({sql})");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(session)
        .await
        .map_err(trouble(&what))?;
    Ok(())
}

/// Tables that hold rows, with the number of their rows.
pub(super) async fn tables(session: &mut PgConnection) -> Result<Vec<(Table, u64)>> {
    let mut found = Vec::new();
    for table in catalogue::tables(session).await? {
        let sql = format!("SELECT count(*) FROM ONLY {}", table_text(&table.name));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *session)
            .await
            .map_err(trouble("count rows"))?;
        let calm = !RESTLESS.contains(&table.name.name.as_str()) && table.volatile.is_none();
        if let Ok(rows @ 1..) = u64::try_from(rows)
            && calm
        {
            found.push((table, rows));
        }
    }
    Ok(found)
}

/// One row of a table: a condition that is true for it alone, and its key as text.
pub(super) async fn row(
    session: &mut PgConnection,
    table: &Table,
    rows: u64,
    rng: &mut Rng,
) -> Result<(String, String)> {
    let key = table
        .key
        .first()
        .map_or_else(|| "ctid".to_owned(), |key| quoted(key));
    let sql = format!(
        "SELECT ctid::text, {key}::text FROM ONLY {} ORDER BY {key} LIMIT 1 OFFSET {}",
        table_text(&table.name),
        rng.below(rows)
    );
    let (place, key): (String, Option<String>) = sqlx::query_as(AssertSqlSafe(sql))
        .fetch_one(session)
        .await
        .map_err(trouble("choose a row"))?;
    Ok((format!("ctid = '{place}'::tid"), key.unwrap_or_default()))
}
