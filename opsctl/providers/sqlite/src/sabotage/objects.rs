//! Damage to tables, indexes, constraints and defaults.

use opsctl_core::Result;
use opsctl_core::integrity::Rng;
use opsctl_core::ports::Location;
use sqlx::{Connection, Row, SqliteConnection};

use super::definition;
use super::plant::Harm;
use super::target::{number, row, run, silently, tables};
use crate::inspect::catalogue::rows;
use crate::inspect::connect;
use crate::inspect::text::{literal, quoted};

/// A table is gone.
pub(super) async fn drop_table(
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let all = tables(session).await?;
    let Some((table, _)) = rng.pick(&all) else {
        return Ok(None);
    };
    let name = &table.name.name;
    run(session, "PRAGMA foreign_keys = OFF").await?;
    run(session, format!("DROP TABLE {}", quoted(name))).await?;
    let detail = format!("table {name} dropped");
    Ok(Some(Harm {
        object: format!("table {name}"),
        detail,
    }))
}

/// Indexes that somebody made, with their tables; those that a key brings along are left out.
async fn indexes(session: &mut SqliteConnection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL \
               ORDER BY name";
    Ok(rows(session, sql.into())
        .await?
        .into_iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect())
}

/// An index is gone.
pub(super) async fn drop_index(
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let all = indexes(session).await?;
    let Some((name, table)) = rng.pick(&all) else {
        return Ok(None);
    };
    run(session, format!("DROP INDEX {}", quoted(name))).await?;
    let detail = format!("index {name} of {table} dropped");
    Ok(Some(Harm {
        object: format!("index {name}"),
        detail,
    }))
}

/// A row moves while the index is hidden from the engine: the index keeps the old place and lacks the new.
pub(super) async fn break_index(
    location: &Location,
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let with_rows = tables(session).await?;
    let mut able = Vec::new();
    for (index, of) in indexes(session).await? {
        let table = with_rows.iter().find(|(table, _)| table.name.name == of);
        // Rows whose key is their place can't move without changing, and a partial index may not hold the row that moves.
        let fixed = format!(
            "SELECT (SELECT count(*) FROM pragma_table_info({of}) WHERE pk = 1 AND upper(type) = 'INTEGER') \
             + (SELECT count(*) FROM pragma_index_list({of}) WHERE name = {} AND partial = 1)",
            literal(&index),
            of = literal(&of)
        );
        if let Some((table, count)) = table
            && number(session, fixed).await? == 0
        {
            able.push((index, table, *count));
        }
    }
    let Some((index, table, count)) = rng.pick(&able) else {
        return Ok(None);
    };
    let (condition, key) = row(session, table, *count, rng).await?;
    let name = &table.name.name;
    let hide = format!(
        "DELETE FROM sqlite_schema WHERE type = 'index' AND name = {}",
        literal(index)
    );
    run(
        session,
        format!(
            "CREATE TABLE opsctl_hidden AS SELECT * FROM sqlite_schema WHERE name = {}",
            literal(index)
        ),
    )
    .await?;
    rewrite(session, hide).await?;
    // The engine reads its catalogue when a session begins.
    let mut blind = connect(location).await?;
    let table = quoted(name);
    let moved = format!(
        "UPDATE {table} SET rowid = (SELECT max(rowid) + 1 FROM {table}) WHERE {condition}"
    );
    silently(&mut blind, name, moved).await?;
    let show = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) \
                SELECT type, name, tbl_name, rootpage, sql FROM opsctl_hidden";
    rewrite(&mut blind, show.into()).await?;
    drop(blind.close().await);
    let mut seeing = connect(location).await?;
    run(&mut seeing, "DROP TABLE opsctl_hidden").await?;
    drop(seeing.close().await);
    let detail = format!("row {key} of {name} moved behind the back of index {index}");
    Ok(Some(Harm {
        object: index.clone(),
        detail,
    }))
}

/// Changes the catalogue itself.
async fn rewrite(session: &mut SqliteConnection, statement: String) -> Result<()> {
    run(session, "PRAGMA writable_schema = ON").await?;
    run(session, statement).await?;
    let version = number(
        session,
        "SELECT schema_version FROM pragma_schema_version".into(),
    )
    .await?;
    run(session, format!("PRAGMA schema_version = {}", version + 1)).await?;
    run(session, "PRAGMA writable_schema = RESET").await
}

async fn definitions(session: &mut SqliteConnection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    Ok(rows(session, sql.into())
        .await?
        .into_iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect())
}

async fn redefine(session: &mut SqliteConnection, table: &str, sql: &str) -> Result<()> {
    let statement = format!(
        "UPDATE sqlite_schema SET sql = {} WHERE type = 'table' AND name = {}",
        literal(sql),
        literal(table)
    );
    rewrite(session, statement).await
}

/// A CHECK or a foreign key is gone.
pub(super) async fn drop_constraint(
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let mut able = Vec::new();
    for (table, sql) in definitions(session).await? {
        for (name, without) in definition::without_each_constraint(&sql) {
            able.push((table.clone(), name, without));
        }
    }
    let Some((table, name, without)) = rng.pick(&able) else {
        return Ok(None);
    };
    redefine(session, table, without).await?;
    let detail = format!("constraint {name} of {table} removed");
    Ok(Some(Harm {
        object: name.clone(),
        detail,
    }))
}

/// A column has another default.
pub(super) async fn change_default(
    session: &mut SqliteConnection,
    rng: &mut Rng,
) -> Result<Option<Harm>> {
    let mut able = Vec::new();
    for (table, sql) in definitions(session).await? {
        for (column, changed) in definition::with_each_default_changed(&sql) {
            able.push((table.clone(), column, changed));
        }
    }
    let Some((table, column, changed)) = rng.pick(&able) else {
        return Ok(None);
    };
    redefine(session, table, changed).await?;
    let object = format!("column {table}.{column}");
    let detail = format!("the default of {object} changed");
    Ok(Some(Harm { object, detail }))
}
