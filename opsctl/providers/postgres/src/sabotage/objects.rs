//! Damage to tables, indexes, constraints, defaults and sequences.

use opsctl_core::Result;
use opsctl_core::integrity::Rng;
use opsctl_core::ports::TableName;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::plant::Harm;
use super::target::{row, run, silently, tables};
use crate::connect::trouble;
use crate::inspect::catalogue::{OURS, rows};
use crate::inspect::text::{literal, quoted, table as table_text};

/// A table is gone, and what refers to it.
pub(super) async fn drop_table(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    // Without its list of migrations a database can't be told from one of another version.
    let able: Vec<_> = all
        .iter()
        .filter(|(t, _)| t.name.name != "_sqlx_migrations")
        .collect();
    let Some((table, _)) = rng.pick(&able) else {
        return Ok(None);
    };
    run(
        session,
        &format!("DROP TABLE {} CASCADE", table_text(&table.name)),
    )
    .await?;
    let object = format!("table {}", table.name);
    Ok(Some(Harm {
        detail: format!("{object} dropped"),
        object,
    }))
}

/// Names found by a query: schema, object, table.
async fn found(session: &mut PgConnection, sql: String) -> Result<Vec<(String, String, String)>> {
    let all = rows(session, sql, "choose an object").await?;
    Ok(all
        .into_iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect())
}

/// Indexes, with a condition on `i` (`pg_index`).
async fn indexes(session: &mut PgConnection, which: &str) -> Result<Vec<(String, String, String)>> {
    let sql = format!(
        "SELECT n.nspname::text, x.relname::text, c.relname::text FROM pg_index i \
         JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam \
         JOIN pg_class c ON c.oid = i.indrelid AND c.relkind = 'r' JOIN pg_namespace n ON n.oid = x.relnamespace \
         WHERE {OURS} AND {which} ORDER BY 1, 2"
    );
    found(session, sql).await
}

/// An index is gone.
pub(super) async fn drop_index(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let free = "NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)";
    let all = indexes(session, free).await?;
    let Some((schema, index, table)) = rng.pick(&all) else {
        return Ok(None);
    };
    let name = TableName::new(schema, index);
    run(session, &format!("DROP INDEX {}", table_text(&name))).await?;
    let detail = format!("index {name} of {table} dropped");
    Ok(Some(Harm {
        object: format!("index {name}"),
        detail,
    }))
}

/// A row is written anew while the index is told to look away: it lacks the row from then on.
pub(super) async fn break_index(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let with_rows = tables(session).await?;
    let mut able = Vec::new();
    for (schema, index, of) in indexes(session, "m.amname = 'btree' AND i.indpred IS NULL").await? {
        let table = with_rows
            .iter()
            .find(|(t, _)| t.name.schema == schema && t.name.name == of);
        able.extend(table.map(|(table, count)| (TableName::new(schema, index), table, *count)));
    }
    let Some((index, table, count)) = rng.pick(&able) else {
        return Ok(None);
    };
    let (condition, key) = row(session, table, *count, rng).await?;
    let sql = format!(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute \
         WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        literal(&table_text(&table.name))
    );
    let columns: String = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(&mut *session)
        .await
        .map_err(trouble("read the columns"))?;
    let (from, of) = (table_text(&table.name), literal(&table_text(index)));
    let ready = |state: bool| {
        format!("UPDATE pg_index SET indisready = {state} WHERE indexrelid = {of}::regclass")
    };
    let statement = format!(
        "BEGIN; {}; WITH held AS (DELETE FROM ONLY {from} WHERE {condition} RETURNING *) \
         INSERT INTO {from} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM held; {}; COMMIT",
        ready(false),
        ready(true)
    );
    silently(session, &statement).await?;
    let detail = format!(
        "row {key} of {} written behind the back of index {index}",
        table.name
    );
    Ok(Some(Harm {
        object: index.name.clone(),
        detail,
    }))
}

/// A CHECK or a foreign key is gone.
pub(super) async fn drop_constraint(
    session: &mut PgConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let sql = format!(
        "SELECT n.nspname::text, o.conname::text, c.relname::text FROM pg_constraint o \
         JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE o.contype IN ('c', 'f') AND o.conparentid = 0 AND o.conislocal AND {OURS} ORDER BY 1, 2, 3"
    );
    let all = found(session, sql).await?;
    let Some((schema, name, table)) = rng.pick(&all) else {
        return Ok(None);
    };
    let of = TableName::new(schema, table);
    let statement = format!(
        "ALTER TABLE {} DROP CONSTRAINT {}",
        table_text(&of),
        quoted(name)
    );
    run(session, &statement).await?;
    let detail = format!("constraint {name} of {of} dropped");
    Ok(Some(Harm {
        object: format!("constraint {name} of {of}"),
        detail,
    }))
}

/// A column has no default any more.
pub(super) async fn drop_default(
    session: &mut PgConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let sql = format!(
        "SELECT n.nspname::text, a.attname::text, c.relname::text FROM pg_attrdef d \
         JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = '' \
         JOIN pg_class c ON c.oid = d.adrelid AND c.relkind IN ('r', 'p') \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} ORDER BY 1, 3, 2"
    );
    let all = found(session, sql).await?;
    let Some((schema, column, table)) = rng.pick(&all) else {
        return Ok(None);
    };
    let of = TableName::new(schema, table);
    let statement = format!(
        "ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT",
        table_text(&of),
        quoted(column)
    );
    run(session, &statement).await?;
    let object = format!("column {of}.{column}");
    Ok(Some(Harm {
        detail: format!("the default of {object} dropped"),
        object,
    }))
}

/// A sequence would hand out what is already there.
pub(super) async fn set_back(session: &mut PgConnection, rng: &mut Rng) -> Result<Option<Harm>> {
    let sql = format!(
        "SELECT n.nspname::text, s.relname::text, format('SELECT max(%I)::int8 FROM %I.%I', a.attname, \
         tn.nspname, c.relname) FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' \
         JOIN pg_namespace n ON n.oid = s.relnamespace JOIN pg_class c ON c.oid = d.refobjid \
         JOIN pg_namespace tn ON tn.oid = c.relnamespace JOIN pg_sequence q ON q.seqrelid = s.oid \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass \
         AND d.deptype IN ('a', 'i') AND q.seqincrement > 0 AND {OURS} ORDER BY 1, 2"
    );
    let mut able = Vec::new();
    for (schema, sequence, newest) in found(session, sql).await? {
        let newest: Option<i64> = sqlx::query_scalar(AssertSqlSafe(newest))
            .fetch_one(&mut *session)
            .await
            .map_err(trouble("read what a sequence fed"))?;
        if let Some(newest @ 2..) = newest.and_then(|newest| u64::try_from(newest).ok()) {
            able.push((TableName::new(schema, sequence), newest));
        }
    }
    let Some((sequence, newest)) = rng.pick(&able) else {
        return Ok(None);
    };
    let to = 1 + rng.below(newest - 1);
    let name = literal(&table_text(sequence));
    run(session, &format!("SELECT setval({name}::regclass, {to})")).await?;
    let detail = format!("sequence {sequence} set from {newest} to {to}");
    Ok(Some(Harm {
        object: format!("sequence {}", sequence.name),
        detail,
    }))
}
