//! What a live file tells about the tables that a migration touches.

use opsctl_core::ports::{LiveFacts, TableFacts};
use sqlx::{AssertSqlSafe, SqliteConnection};

/// With its indexes.
const BYTES: &str = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND name IN \
    (SELECT name FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE)";

pub(super) async fn read(
    session: &mut SqliteConnection,
    tables: &[String],
) -> Result<LiveFacts, sqlx::Error> {
    let mut facts = LiveFacts::default();
    for table in tables {
        let name: Option<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
        )
        .bind(table)
        .fetch_optional(&mut *session)
        .await?;
        let Some(name) = name else { continue };
        let count = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut *session)
            .await?;
        let bytes: i64 = sqlx::query_scalar(BYTES)
            .bind(&name)
            .fetch_one(&mut *session)
            .await?;
        facts.tables.push(TableFacts {
            table: table.clone(),
            rows: Some(rows.unsigned_abs()),
            bytes: bytes.unsigned_abs(),
            writes_per_second: None,
            users_now: 0,
        });
    }
    Ok(facts)
}
