//! SQLite's own checks: the file, the foreign keys, the full-text indexes.

use std::collections::BTreeMap;

use opsctl_core::Result;
use opsctl_core::ports::EngineCheck;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::catalogue::rows;
use super::text::quoted;

/// Runs all of them; what a check can't read is a fault, not an error.
pub(super) async fn check(session: &mut SqliteConnection) -> EngineCheck {
    let mut faults = Vec::new();
    gather(&mut faults, "the file", integrity(session).await);
    gather(&mut faults, "the foreign keys", foreign_keys(session).await);
    gather(
        &mut faults,
        "the full-text indexes",
        full_text(session).await,
    );
    let checked =
        "the file is sound, every foreign key leads to a row, and the full-text indexes equal \
                   their tables"
            .into();
    EngineCheck { checked, faults }
}

fn gather(faults: &mut Vec<String>, what: &str, found: Result<Vec<String>>) {
    match found {
        Ok(found) => faults.extend(found),
        Err(failure) => faults.push(format!("{what} can't be checked: {failure}")),
    }
}

async fn integrity(session: &mut SqliteConnection) -> Result<Vec<String>> {
    let said = rows(session, "PRAGMA integrity_check(50)".into()).await?;
    let said = said.into_iter().map(|row| row.get::<String, _>(0));
    Ok(said.filter(|line| line != "ok").collect())
}

async fn foreign_keys(session: &mut SqliteConnection) -> Result<Vec<String>> {
    let mut broken: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in rows(session, "PRAGMA foreign_key_check".into()).await? {
        *broken.entry((row.get(0), row.get(2))).or_default() += 1;
    }
    let told = |((from, to), rows): ((String, String), u64)| {
        format!("foreign key of {from} is broken: {rows} rows refer to no row of {to}")
    };
    Ok(broken.into_iter().map(told).collect())
}

/// Each full-text index against the rows that it indexes. The command is written as an insert and changes
/// nothing; it is rolled back all the same.
async fn full_text(session: &mut SqliteConnection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' \
               AND lower(sql) LIKE 'create virtual table%using fts5%'";
    let mut faults = Vec::new();
    for row in rows(session, sql.into()).await? {
        let name: String = row.get(0);
        let index = quoted(&name);
        rows(session, "SAVEPOINT full_text".into()).await?;
        let sql = format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)");
        let outcome = sqlx::query(AssertSqlSafe(sql)).execute(&mut *session).await;
        rows(session, "ROLLBACK TO full_text".into()).await?;
        rows(session, "RELEASE full_text".into()).await?;
        if let Err(error) = outcome {
            faults.push(format!(
                "full-text index {name} does not fit its table: {error}"
            ));
        }
    }
    Ok(faults)
}
