//! Every object with its definition, and the sequences.

use opsctl_core::Result;
use opsctl_core::ports::{Settings, Structure};
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::catalogue::{Column, columns, rows};
use super::text::{failed, literal, quoted};

/// Every object; of a table also its columns, one by one, so that a difference is told exactly.
pub(super) async fn read(session: &mut SqliteConnection) -> Result<Structure> {
    let mut structure = Structure::new();
    let sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema \
               WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' AND name <> 'sqlite_sequence'";
    for row in rows(session, sql.into()).await? {
        let (kind, name): (String, String) = (row.get(0), row.get(1));
        let (of, text): (String, String) = (row.get(2), row.get(3));
        if kind == "table" {
            for column in columns(session, &name).await? {
                let place = format!("column {name}.{}", column.name);
                structure.insert(place, described(&column));
            }
        }
        let definition = if kind == "table" {
            text
        } else {
            format!("on {of}: {text}")
        };
        structure.insert(format!("{kind} {name}"), definition);
    }
    Ok(structure)
}

fn described(column: &Column) -> String {
    let mut text = column.declared.clone();
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(" DEFAULT ");
        text.push_str(default);
    }
    if column.key > 0 {
        text.push_str(&format!(" KEY {}", column.key));
    }
    if column.hidden > 0 {
        text.push_str(" GENERATED");
    }
    text
}

/// AUTOINCREMENT counters that are smaller than what is already there.
pub(super) async fn sequences_behind(session: &mut SqliteConnection) -> Result<Vec<String>> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND upper(sql) LIKE '%AUTOINCREMENT%'";
    let mut behind = Vec::new();
    for row in rows(session, sql.into()).await? {
        let table: String = row.get(0);
        let sql = format!(
            "SELECT (SELECT max(rowid) FROM {}), (SELECT max(seq) FROM sqlite_sequence WHERE name = {})",
            quoted(&table),
            literal(&table)
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .fetch_one(&mut *session)
            .await
            .map_err(failed(format!("read the sequence of {table}")))?;
        let (newest, counter): (Option<i64>, Option<i64>) = (row.get(0), row.get(1));
        if newest.unwrap_or(0) > counter.unwrap_or(0) {
            behind.push(format!(
                "the sequence of {table} is behind: it stands at {}, and {} is already there",
                counter.unwrap_or(0),
                newest.unwrap_or(0)
            ));
        }
    }
    Ok(behind)
}

/// The pragmas that are part of the file.
pub(super) async fn settings(session: &mut SqliteConnection) -> Result<Settings> {
    let mut settings = Settings::new();
    for name in [
        "application_id",
        "auto_vacuum",
        "encoding",
        "journal_mode",
        "page_size",
        "user_version",
    ] {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        let value = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
            .fetch_one(&mut *session)
            .await
            .map_err(failed(format!("read the setting {name}")))?;
        settings.insert(format!("setting {name}"), value);
    }
    let version = sqlx::query_scalar::<_, String>("SELECT sqlite_version()")
        .fetch_one(session)
        .await
        .map_err(failed("read the version"))?;
    settings.insert("setting sqlite_version".into(), version);
    Ok(settings)
}
