//! Damage to rows.

use opsctl_core::Result;
use opsctl_core::integrity::Rng;
use opsctl_core::ports::Table;
use sqlx::{PgConnection, Row};

use super::plant::Harm;
use super::target::{row, silently, tables};
use crate::inspect::catalogue::rows;
use crate::inspect::text::{literal, quoted, table as table_text};

/// A row is gone.
pub(super) async fn lose(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, count)) = rng.pick(&all) else {
        return Ok(None);
    };
    let (condition, key) = row(session, table, *count, rng).await?;
    silently(
        session,
        &format!(
            "DELETE FROM ONLY {} WHERE {condition}",
            table_text(&table.name)
        ),
    )
    .await?;
    let detail = format!("row {key} of {} deleted", table.name);
    Ok(Some(Harm {
        object: table.name.to_string(),
        detail,
    }))
}

/// Another value of the same type; `None` for types that are left alone.
fn other(kind: &str, column: &str) -> Option<String> {
    Some(match kind {
        "text" => format!("coalesce({column}, '') || 'x'"),
        "varchar" => format!("left(coalesce({column}, ''), 90) || 'x'"),
        "bool" => format!("NOT coalesce({column}, false)"),
        "int2" | "int4" | "int8" | "numeric" | "float8" => format!("coalesce({column}, 0) + 1"),
        "timestamptz" | "timestamp" => format!("{column} + interval '1 hour'"),
        "uuid" => "gen_random_uuid()".into(),
        "bytea" => format!("coalesce({column}, '') || '\\x00'"),
        _ => return None,
    })
}

/// The columns of a table that can be given another value.
async fn changeable(session: &mut PgConnection, table: &Table) -> Result<Vec<(String, String)>> {
    let sql = format!(
        "SELECT a.attname::text, t.typname::text FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         WHERE a.attrelid = {}::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' \
         AND a.attidentity <> 'a' ORDER BY a.attnum",
        literal(&table_text(&table.name))
    );
    let found = rows(session, sql, "choose a column").await?;
    let pair = |row: sqlx::postgres::PgRow| {
        let (name, kind): (String, String) = (row.get(0), row.get(1));
        let value = other(&kind, &quoted(&name))?;
        (!table.key.contains(&name)).then_some((name, value))
    };
    Ok(found.into_iter().filter_map(pair).collect())
}

/// A value of a row is another.
pub(super) async fn change(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    const ATTEMPTS: usize = 50;
    let all = tables(session).await?;
    for _ in 0..ATTEMPTS {
        let Some((table, count)) = rng.pick(&all) else {
            return Ok(None);
        };
        let columns = changeable(session, table).await?;
        let Some((column, value)) = rng.pick(&columns) else {
            continue;
        };
        let (condition, key) = row(session, table, *count, rng).await?;
        let statement = format!(
            "UPDATE ONLY {} SET {} = {value} WHERE {condition} AND {value} IS DISTINCT FROM {}",
            table_text(&table.name),
            quoted(column),
            quoted(column)
        );
        // A rule of the table may forbid this very change: then another one.
        if silently(session, &statement).await.is_ok() {
            let detail = format!("{column} of row {key} of {} changed", table.name);
            return Ok(Some(Harm {
                object: table.name.to_string(),
                detail,
            }));
        }
    }
    Ok(None)
}

/// A row refers to nothing.
pub(super) async fn orphan(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let sql = "SELECT o.conname::text, n.nspname::text, c.relname::text, a.attname::text, t.typname::text \
               FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1] \
               JOIN pg_type t ON t.oid = a.atttypid WHERE o.contype = 'f' AND o.conparentid = 0 \
               AND t.typname IN ('uuid', 'int4', 'int8', 'text', 'varchar') ORDER BY 1, 2, 3";
    let with_rows = tables(session).await?;
    let mut able = Vec::new();
    for key in rows(session, sql.into(), "choose a foreign key").await? {
        let (schema, name): (String, String) = (key.get(1), key.get(2));
        let of = with_rows
            .iter()
            .find(|(t, _)| t.name.schema == schema && t.name.name == name);
        able.extend(of.map(|(table, count)| (key, table, *count)));
    }
    let Some((key, table, count)) = rng.pick(&able) else {
        return Ok(None);
    };
    let (name, column): (String, String) = (key.get(0), key.get(3));
    let nobody = rng.below(1 << 30);
    let nobody = match key.get::<String, _>(4).as_str() {
        "uuid" => format!("'ffffffff-ffff-4fff-8fff-{nobody:012x}'::uuid"),
        "int4" | "int8" => format!("-1 - {nobody}"),
        _ => format!("'nobody {nobody}'"),
    };
    let (condition, row_key) = row(session, table, *count, rng).await?;
    let from = table_text(&table.name);
    let statement = format!(
        "UPDATE {from} SET {} = {nobody} WHERE {condition}",
        quoted(&column)
    );
    silently(session, &statement).await?;
    let detail = format!(
        "{column} of row {row_key} of {} refers to nothing",
        table.name
    );
    Ok(Some(Harm {
        object: format!("foreign key {name}"),
        detail,
    }))
}

/// A table is empty.
pub(super) async fn truncate(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, count)) = rng.pick(&all) else {
        return Ok(None);
    };
    silently(
        session,
        &format!("DELETE FROM ONLY {}", table_text(&table.name)),
    )
    .await?;
    let detail = format!("all {count} rows of {} deleted", table.name);
    Ok(Some(Harm {
        object: table.name.to_string(),
        detail,
    }))
}

/// The data is two days older than the backup's record says.
pub(super) async fn age(session: &mut PgConnection) -> Result<Option<Harm>> {
    let there = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('public.heartbeat')";
    let there: i64 = rows(session, there.into(), "look for the heartbeat").await?[0].get(0);
    if there == 0 {
        return Ok(None);
    }
    let beats = rows(
        session,
        "SELECT 1 FROM public.heartbeat".into(),
        "read the heartbeat",
    )
    .await?;
    if beats.is_empty() {
        return Ok(None);
    }
    silently(
        session,
        "UPDATE public.heartbeat SET beat_at = beat_at - interval '2 days'",
    )
    .await?;
    let detail = "the newest heartbeat set back by two days".into();
    Ok(Some(Harm {
        object: "stale".into(),
        detail,
    }))
}
