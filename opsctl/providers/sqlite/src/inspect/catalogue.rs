//! Which tables there are, and what tells their rows apart.

use opsctl_core::Result;
use opsctl_core::ports::{Table, TableName};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::text::{failed, literal, quoted, table as table_text};

/// One column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) declared: String,
    pub(crate) not_null: bool,
    pub(crate) default: Option<String>,
    /// Its place in the primary key, from 1; 0 when it is not in it.
    pub(crate) key: i64,
    /// 0 ordinary, 2 and 3 generated.
    pub(crate) hidden: i64,
}

/// Every row of a query.
pub(crate) async fn rows(session: &mut SqliteConnection, sql: String) -> Result<Vec<SqliteRow>> {
    let what = format!("run {sql}");
    sqlx::query(AssertSqlSafe(sql))
        .fetch_all(session)
        .await
        .map_err(failed(what))
}

/// Every table that holds rows of its own; those that full-text search keeps for itself are left out,
/// because the engine compares them with the rows that they index.
pub(crate) async fn tables(session: &mut SqliteConnection) -> Result<Vec<Table>> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut tables = Vec::new();
    for row in rows(session, sql.into()).await? {
        tables.push(table(session, row.get(0)).await?);
    }
    Ok(tables)
}

async fn table(session: &mut SqliteConnection, name: String) -> Result<Table> {
    let columns = columns(session, &name).await?;
    let key = key(session, &name, &columns).await?;
    let logged = logged(session, &name).await?;
    let name = TableName::new("main", name);
    let bytes = bytes(session, &name).await;
    Ok(Table {
        key,
        columns: columns.into_iter().map(|column| column.name).collect(),
        bytes,
        volatile: None,
        logged,
        name,
    })
}

/// The columns of a table, generated ones included.
pub(crate) async fn columns(session: &mut SqliteConnection, table: &str) -> Result<Vec<Column>> {
    let sql = format!(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo({}) \
         WHERE hidden <> 1 ORDER BY cid",
        literal(table)
    );
    let read = |row: SqliteRow| Column {
        name: row.get(0),
        declared: row.get(1),
        not_null: row.get::<i64, _>(2) != 0,
        default: row.get(3),
        key: row.get(4),
        hidden: row.get(5),
    };
    Ok(rows(session, sql).await?.into_iter().map(read).collect())
}

/// The primary key, or else a unique index whose columns are never null. A row id is no key: a copy may
/// number its rows anew.
async fn key(
    session: &mut SqliteConnection,
    table: &str,
    columns: &[Column],
) -> Result<Vec<String>> {
    let mut primary: Vec<&Column> = columns.iter().filter(|column| column.key > 0).collect();
    primary.sort_by_key(|column| column.key);
    if !primary.is_empty() {
        return Ok(primary
            .into_iter()
            .map(|column| column.name.clone())
            .collect());
    }
    let sql = format!(
        "SELECT name FROM pragma_index_list({}) WHERE \"unique\" = 1 AND partial = 0 ORDER BY name",
        literal(table)
    );
    for index in rows(session, sql).await? {
        let sql = format!(
            "SELECT name FROM pragma_index_info({}) ORDER BY seqno",
            literal(&index.get::<String, _>(0))
        );
        let of: Vec<Option<String>> = rows(session, sql)
            .await?
            .into_iter()
            .map(|row| row.get(0))
            .collect();
        let never_null = |name: &String| columns.iter().any(|c| c.name == *name && c.not_null);
        let named: Option<Vec<String>> = of.into_iter().collect();
        if let Some(named) = named.filter(|named| named.iter().all(never_null)) {
            return Ok(named);
        }
    }
    Ok(Vec::new())
}

/// True when triggers write every insert, update and delete of the table into `row_changes`.
async fn logged(session: &mut SqliteConnection, table: &str) -> Result<bool> {
    let sql = format!(
        "SELECT upper(sql) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = {} \
         AND sql LIKE '%INTO row_changes%'",
        literal(table)
    );
    let triggers: Vec<String> = rows(session, sql)
        .await?
        .into_iter()
        .map(|row| row.get(0))
        .collect();
    let heads: Vec<&str> = triggers
        .iter()
        .filter_map(|sql| sql.split("BEGIN").next())
        .collect();
    // `UPDATE OF …` sees some columns alone, and `WHEN` some rows.
    let fires = |event: &str| {
        heads
            .iter()
            .any(|head| head.contains(event) && !head.contains(" WHEN "))
    };
    Ok([" INSERT ON ", " UPDATE ON ", " DELETE ON "]
        .into_iter()
        .all(fires))
}

/// A guess at the size that costs one look at the end of the table; 0 where even that fails.
async fn bytes(session: &mut SqliteConnection, name: &TableName) -> u64 {
    const ROW: u64 = 128;
    let sql = format!("SELECT max(rowid) FROM {}", table_text(name));
    let newest = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql))
        .fetch_one(session)
        .await;
    let newest = newest.ok().flatten().unwrap_or(0);
    u64::try_from(newest).unwrap_or(0).saturating_mul(ROW)
}

/// The columns as a list for SELECT.
pub(crate) fn listed(columns: &[String]) -> String {
    columns
        .iter()
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ")
}
