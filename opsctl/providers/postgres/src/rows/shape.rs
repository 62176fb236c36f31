//! The tables that rows can be restored into, and how they refer to each other.

use std::collections::BTreeMap;

use opsctl_core::Result;
use opsctl_core::ports::{ForeignKey, OnDelete, Shape, TableShape, Unique};
use sqlx::PgConnection;

use crate::connect::trouble;

const TABLES: &str = "SELECT c.oid::int8, c.relname::text FROM pg_class c \
    JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
    AND c.relname NOT IN ('_sqlx_migrations', 'audit_log', 'database_identity', 'heartbeat', \
      'row_changes', 'schema_support') ORDER BY c.relname COLLATE \"C\"";

const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute \
    WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' \
    ORDER BY attnum";

const KEY: &str = "SELECT a.attname::text FROM pg_index i \
    CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) \
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
    WHERE i.indrelid = $1::oid AND i.indisprimary ORDER BY k.place";

// A partial index binds some rows only: the transaction itself finds a clash there.
const UNIQUE: &str = "SELECT c.relname::text, ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, true) \
      FROM generate_series(1, i.indnkeyatts::int) AS place ORDER BY place) \
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
    WHERE i.indrelid = $1::oid AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL \
    ORDER BY c.relname COLLATE \"C\"";

const REFERENCES: &str = "SELECT c.relname::text, p.relname::text, \
      ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, place) \
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY place), \
      ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY AS k (attnum, place) \
        JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY place), \
      f.confdeltype::text \
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid \
    JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE f.contype = 'f' AND f.conparentid = 0 AND n.nspname = 'public' \
    ORDER BY f.conname COLLATE \"C\"";

type Done<T> = std::result::Result<T, sqlx::Error>;

/// Reads the shape.
pub(super) async fn read(session: &mut PgConnection) -> Result<Shape> {
    look(session)
        .await
        .map_err(trouble("can't read the shape of the tables"))
}

async fn look(session: &mut PgConnection) -> Done<Shape> {
    let mut shape = Shape::default();
    let tables: Vec<(i64, String)> = sqlx::query_as(TABLES).fetch_all(&mut *session).await?;
    for (oid, name) in tables {
        let columns: Vec<(String, String)> = sqlx::query_as(COLUMNS)
            .bind(oid)
            .fetch_all(&mut *session)
            .await?;
        let unique: Vec<(String, Vec<String>)> = sqlx::query_as(UNIQUE)
            .bind(oid)
            .fetch_all(&mut *session)
            .await?;
        shape.tables.push(TableShape {
            name,
            columns: columns.into_iter().map(|(column, _)| column).collect(),
            key: sqlx::query_scalar(KEY)
                .bind(oid)
                .fetch_all(&mut *session)
                .await?,
            unique: unique
                .into_iter()
                .map(|(name, terms)| Unique { name, terms })
                .collect(),
        });
    }
    shape.foreign_keys = references(session).await?;
    Ok(shape)
}

type Reference = (String, String, Vec<String>, Vec<String>, String);

async fn references(session: &mut PgConnection) -> Done<Vec<ForeignKey>> {
    let all: Vec<Reference> = sqlx::query_as(REFERENCES).fetch_all(session).await?;
    let key = |(child, parent, child_columns, parent_columns, on_delete): Reference| ForeignKey {
        child,
        child_columns,
        parent,
        parent_columns,
        on_delete: match on_delete.as_str() {
            "c" => OnDelete::Cascade,
            "n" | "d" => OnDelete::Forget,
            _ => OnDelete::Refuse,
        },
    };
    Ok(all.into_iter().map(key).collect())
}

/// The types of a table's columns, by name.
pub(super) async fn types(
    session: &mut PgConnection,
    table: &str,
) -> Result<BTreeMap<String, String>> {
    let what = "can't read the types of the columns";
    let tables: Vec<(i64, String)> = sqlx::query_as(TABLES)
        .fetch_all(&mut *session)
        .await
        .map_err(trouble(what))?;
    let Some((oid, _)) = tables.into_iter().find(|(_, name)| name == table) else {
        return Ok(BTreeMap::new());
    };
    let columns: Vec<(String, String)> = sqlx::query_as(COLUMNS)
        .bind(oid)
        .fetch_all(session)
        .await
        .map_err(trouble(what))?;
    Ok(columns.into_iter().collect())
}
