//! How two databases differ, table by table: both files are read by one session.

use opsctl_core::Result;
use opsctl_core::ports::{Shape, TableDifference, TableShape};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::spelling::name;
use crate::connect::trouble;

/// Compares the tables of `main` with those of `other`. `shape` holds what both have.
pub(super) async fn read(
    session: &mut SqliteConnection,
    shape: &Shape,
    keys: u32,
) -> Result<Vec<TableDifference>> {
    let mut all = Vec::new();
    for table in &shape.tables {
        let difference = one(session, table, keys).await;
        all.push(
            difference
                .map_err(|error| trouble(&format!("can't compare '{}'", table.name), error))?,
        );
    }
    Ok(all)
}

async fn one(
    session: &mut SqliteConnection,
    table: &TableShape,
    keys: u32,
) -> std::result::Result<TableDifference, sqlx::Error> {
    // A table without a key is compared by its whole rows: a changed one is one lost and one more.
    let by = if table.key.is_empty() {
        &table.columns
    } else {
        &table.key
    };
    let (here, there) = (side("main", table), side("other", table));
    let same = joined(by, " AND ", "IS");
    let changed = joined(&table.columns, " OR ", "IS NOT");
    let only = |one: &str, other: &str| {
        let same = same.replace("a.", "x.").replace("b.", "y.");
        format!("FROM {one} AS x WHERE NOT EXISTS (SELECT 1 FROM {other} AS y WHERE {same})")
    };
    let first = only(&here, &there);
    let both = format!("FROM {here} AS a JOIN {there} AS b ON {same} WHERE {changed}");
    let key = |alias: &str| {
        let parts = by
            .iter()
            .map(|column| format!("coalesce(CAST({alias}.{} AS TEXT), '')", name(column)));
        parts.collect::<Vec<_>>().join(" || ',' || ")
    };
    let list = format!(
        "SELECT * FROM (SELECT {} AS k {first} UNION SELECT {} {both}) ORDER BY k LIMIT {keys}",
        key("x"),
        key("a")
    );
    Ok(TableDifference {
        table: table.name.clone(),
        only_first: count(session, &first).await?,
        only_second: count(session, &only(&there, &here)).await?,
        changed: count(session, &both).await?,
        keys: sqlx::query_scalar(AssertSqlSafe(list))
            .fetch_all(session)
            .await?,
    })
}

fn side(schema: &str, table: &TableShape) -> String {
    format!("{schema}.{}", name(&table.name))
}

fn joined(columns: &[String], word: &str, operator: &str) -> String {
    let one = |column: &String| format!("a.{0} {operator} b.{0}", name(column));
    columns.iter().map(one).collect::<Vec<_>>().join(word)
}

async fn count(
    session: &mut SqliteConnection,
    from: &str,
) -> std::result::Result<u64, sqlx::Error> {
    let statement = format!("SELECT count(*) {from}");
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_one(session)
        .await?;
    Ok(count.unsigned_abs())
}
