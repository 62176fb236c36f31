//! Which tables there are, and what tells their rows apart.

use opsctl_core::Result;
use opsctl_core::ports::{Table, TableName};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::hash::{Column, Kind};
use super::text::{literal, table as table_text};
use crate::connect::trouble;

/// Schemas that are not PostgreSQL's own, nor the prober's, which come and go.
pub(crate) const OURS: &str =
    "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'opsctl_prober')";

/// Every row of a query.
pub(crate) async fn rows(
    session: &mut PgConnection,
    sql: String,
    what: &str,
) -> Result<Vec<PgRow>> {
    sqlx::query(AssertSqlSafe(sql))
        .fetch_all(session)
        .await
        .map_err(trouble(what))
}

/// Every table and materialised view that holds rows of its own; of a partitioned table its parts.
pub(crate) async fn tables(session: &mut PgConnection) -> Result<Vec<Table>> {
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, c.relpersistence::text, pg_relation_size(c.oid), \
         array(SELECT a.attname::text FROM pg_attribute a \
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum), \
         coalesce((SELECT array(SELECT a.attname::text \
                 FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place) \
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
                 WHERE k.place <= i.indnkeyatts ORDER BY k.place) \
             FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate \
             AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL \
             AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid \
                 AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull) \
             ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1), '{{}}') \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relispopulated AND {OURS} \
         ORDER BY 1, 2"
    );
    Ok(rows(session, sql, "list the tables")
        .await?
        .into_iter()
        .map(|row| table(&row))
        .collect())
}

fn table(row: &PgRow) -> Table {
    let unlogged = row.get::<String, _>(2) == "u";
    Table {
        name: TableName::new(row.get::<String, _>(0), row.get::<String, _>(1)),
        bytes: u64::try_from(row.get::<i64, _>(3)).unwrap_or(0),
        columns: row.get(4),
        key: row.get(5),
        volatile: unlogged.then(|| "an unlogged table is empty in every physical copy".into()),
        logged: false,
    }
}

/// How the columns of a table are hashed: those of the table, in their order, as this database has them.
pub(super) async fn columns(session: &mut PgConnection, table: &Table) -> Result<Vec<Column>> {
    let sql = format!(
        "SELECT a.attname::text, t.typname::text, n.nspname = 'pg_catalog', a.attnotnull \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         JOIN pg_namespace n ON n.oid = t.typnamespace \
         WHERE a.attrelid = {}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        literal(&table_text(&table.name))
    );
    let read = |row: PgRow| {
        let kind = match (row.get::<String, _>(1).as_str(), row.get::<bool, _>(2)) {
            ("uuid", true) => Kind::Uuid,
            ("text" | "varchar", true) => Kind::Text,
            _ => Kind::Printed,
        };
        Column {
            name: row.get(0),
            kind,
            nullable: !row.get::<bool, _>(3),
        }
    };
    let what = format!("read the columns of {}", table.name);
    let all = rows(session, sql, &what).await?.into_iter().map(read);
    Ok(all
        .filter(|column| table.columns.contains(&column.name))
        .collect())
}
