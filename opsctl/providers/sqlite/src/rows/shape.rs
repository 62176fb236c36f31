//! The tables that rows can be restored into, and how they refer to each other.

use opsctl_core::Result;
use opsctl_core::ports::{ForeignKey, OnDelete, Shape, TableShape, Unique};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::spelling::{literal, name};
use crate::connect::trouble;

/// Bookkeeping of opsctl, of the migrations and of the database itself.
const OURS: [&str; 6] = [
    "_sqlx_migrations",
    "audit_log",
    "database_identity",
    "heartbeat",
    "row_changes",
    "schema_support",
];

type Rows<T> = std::result::Result<Vec<T>, sqlx::Error>;

/// Reads the shape.
pub(super) async fn read(session: &mut SqliteConnection) -> Result<Shape> {
    look(session)
        .await
        .map_err(|error| trouble("can't read the shape of the tables", error))
}

async fn look(session: &mut SqliteConnection) -> std::result::Result<Shape, sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(&mut *session)
    .await?;
    let mut shape = Shape::default();
    for table in tables
        .iter()
        .filter(|table| !OURS.contains(&table.as_str()))
    {
        shape.tables.push(one(session, table).await?);
        shape.foreign_keys.extend(references(session, table).await?);
    }
    Ok(shape)
}

async fn pragma<T>(session: &mut SqliteConnection, columns: &str, call: &str, rest: &str) -> Rows<T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    let statement = format!("SELECT {columns} FROM {call} {rest}");
    sqlx::query_as(AssertSqlSafe(statement))
        .fetch_all(session)
        .await
}

async fn one(
    session: &mut SqliteConnection,
    table: &str,
) -> std::result::Result<TableShape, sqlx::Error> {
    let call = format!("pragma_table_xinfo({})", literal(table));
    // Generated columns (2 and 3) can't be written.
    let columns: Vec<(String, i64)> =
        pragma(session, "name, pk", &call, "WHERE hidden = 0 ORDER BY cid").await?;
    let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, pk)| *pk > 0).collect();
    key.sort_by_key(|(_, pk)| *pk);
    Ok(TableShape {
        name: table.to_owned(),
        key: key.into_iter().map(|(name, _)| name.clone()).collect(),
        columns: columns.into_iter().map(|(name, _)| name).collect(),
        unique: uniques(session, table).await?,
    })
}

async fn uniques(session: &mut SqliteConnection, table: &str) -> Rows<Unique> {
    let call = format!("pragma_index_list({})", literal(table));
    // A partial index binds some rows only: the transaction itself finds a clash there.
    let rest = "WHERE \"unique\" = 1 AND origin <> 'pk' AND partial = 0 ORDER BY name";
    let indexes: Vec<(String,)> = pragma(session, "name", &call, rest).await?;
    let mut found = Vec::new();
    for (index,) in indexes {
        let call = format!("pragma_index_xinfo({})", literal(&index));
        let terms: Vec<(Option<String>, String)> =
            pragma(session, "name, coll", &call, "WHERE key = 1 ORDER BY seqno").await?;
        let spelled: Option<Vec<String>> = terms
            .into_iter()
            .map(|(column, collation)| Some(spell(&column?, &collation)))
            .collect();
        // An index over an expression does not tell it here: the transaction itself finds a clash there.
        found.extend(spelled.map(|terms| Unique { name: index, terms }));
    }
    Ok(found)
}

fn spell(column: &str, collation: &str) -> String {
    format!("{} COLLATE {}", name(column), name(collation))
}

type Reference = (i64, String, String, Option<String>, String);

async fn references(session: &mut SqliteConnection, table: &str) -> Rows<ForeignKey> {
    let call = format!("pragma_foreign_key_list({})", literal(table));
    let columns = "id, \"table\", \"from\", \"to\", on_delete";
    let parts: Vec<Reference> = pragma(session, columns, &call, "ORDER BY id, seq").await?;
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    for (id, parent, from, to, on_delete) in parts {
        let to = match to {
            Some(to) => to,
            None => primary_key(session, &parent).await?,
        };
        match keys.last_mut().filter(|(known, _)| *known == id) {
            Some((_, key)) => {
                key.child_columns.push(from);
                key.parent_columns.push(to);
            }
            None => {
                let key = ForeignKey {
                    child: table.to_owned(),
                    child_columns: vec![from],
                    parent,
                    parent_columns: vec![to],
                    on_delete: match on_delete.as_str() {
                        "CASCADE" => OnDelete::Cascade,
                        "SET NULL" | "SET DEFAULT" => OnDelete::Forget,
                        _ => OnDelete::Refuse,
                    },
                };
                keys.push((id, key));
            }
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// A reference that names no column means the primary key, which then has one column.
async fn primary_key(
    session: &mut SqliteConnection,
    table: &str,
) -> std::result::Result<String, sqlx::Error> {
    let call = format!("pragma_table_info({})", literal(table));
    let key: Vec<(String,)> = pragma(session, "name", &call, "WHERE pk = 1").await?;
    Ok(key
        .into_iter()
        .next()
        .map_or_else(|| "rowid".to_owned(), |(name,)| name))
}
