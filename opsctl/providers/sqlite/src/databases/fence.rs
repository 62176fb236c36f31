//! The fence: triggers that refuse every write, whoever tries.
//!
//! Putting them up takes SQLite's one write lock, so that no write from before can commit afterwards.
//! Reads go on. opsctl's own table of identity stays writable.

use opsctl_core::names::OperationId;
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::connect::trouble;

const WRITES: [&str; 3] = ["INSERT", "UPDATE", "DELETE"];
const IDENTITY: &str = "database_identity";
/// `SQLITE_CONSTRAINT_TRIGGER`: a trigger raised it.
const REFUSED_BY_TRIGGER: &str = "1811";

pub(super) async fn raise(session: &mut SqliteConnection, operation: &OperationId) -> Result<()> {
    let failed = |error| {
        trouble("can't fence the database", error)
            .left("the fence stands on no table: it is put up on all or none")
    };
    begin(session).await.map_err(failed)?;
    match put_up(session, operation).await {
        Ok(()) => run(session, "COMMIT").await.map_err(failed),
        Err(error) => {
            rollback(session).await?;
            Err(failed(error))
        }
    }
}

async fn put_up(
    session: &mut SqliteConnection,
    operation: &OperationId,
) -> std::result::Result<(), sqlx::Error> {
    for table in tables(session).await? {
        for write in WRITES {
            // The operation's name holds only letters, digits, '-', '.' and '_'.
            let statement = format!(
                "CREATE TRIGGER IF NOT EXISTS {} BEFORE {write} ON {} BEGIN \
                 SELECT RAISE(ABORT, 'this database is fenced by opsctl ({operation}): the \
                 application is being pointed to another database'); END",
                quoted(&format!("opsctl_fence_{}_{table}", write.to_lowercase())),
                quoted(&table),
            );
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *session)
                .await?;
        }
    }
    Ok(())
}

pub(super) async fn lower(session: &mut SqliteConnection) -> Result<()> {
    let failed = |error| trouble("can't take the fence away", error);
    begin(session).await.map_err(failed)?;
    match take_down(session).await {
        Ok(()) => run(session, "COMMIT").await.map_err(failed),
        Err(error) => {
            rollback(session).await?;
            Err(failed(error))
        }
    }
}

async fn take_down(session: &mut SqliteConnection) -> std::result::Result<(), sqlx::Error> {
    let triggers: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'opsctl_fence_*'",
    )
    .fetch_all(&mut *session)
    .await?;
    for trigger in triggers {
        let statement = format!("DROP TRIGGER {}", quoted(&trigger));
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *session)
            .await?;
    }
    Ok(())
}

/// Tries to write to every table, and takes it back. Refused means that not one write went through.
pub(super) async fn try_write(session: &mut SqliteConnection) -> Result<Option<String>> {
    let failed = |error| trouble("can't try a write", error).with_kind(FailureKind::Unknown);
    match begin(session).await {
        Ok(()) => {}
        Err(error) => return read_only(error).map(Some).map_err(failed),
    }
    let tried = try_all(session).await;
    rollback(session).await?;
    tried.map_err(failed)
}

async fn try_all(
    session: &mut SqliteConnection,
) -> std::result::Result<Option<String>, sqlx::Error> {
    let mut refused = None;
    for table in tables(session).await? {
        // A trigger before the insert is asked before any constraint is.
        let statement = format!("INSERT INTO {} DEFAULT VALUES", quoted(&table));
        match sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *session)
            .await
        {
            Ok(_) => return Ok(None),
            Err(sqlx::Error::Database(error)) if is_constraint(error.code().as_deref()) => {
                if error.code().as_deref() != Some(REFUSED_BY_TRIGGER) {
                    return Ok(None);
                }
                refused = Some(error.message().to_owned());
            }
            Err(other) => return Err(other),
        }
    }
    Ok(refused)
}

/// A file or disk that can't be written refuses every write just as well.
fn read_only(error: sqlx::Error) -> std::result::Result<String, sqlx::Error> {
    match &error {
        sqlx::Error::Database(inner) if primary(inner.code().as_deref()) == Some(8) => {
            Ok(inner.message().to_owned())
        }
        _ => Err(error),
    }
}

fn is_constraint(code: Option<&str>) -> bool {
    primary(code) == Some(19)
}

fn primary(code: Option<&str>) -> Option<u32> {
    code?.parse::<u32>().ok().map(|code| code & 0xff)
}

/// A virtual table can have no trigger, and one on its shadow tables makes SQLite recurse without end.
/// The full-text index is written by triggers of a table that is fenced itself.
async fn tables(session: &mut SqliteConnection) -> std::result::Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 ORDER BY name",
    )
    .bind(IDENTITY)
    .fetch_all(session)
    .await
}

async fn begin(session: &mut SqliteConnection) -> std::result::Result<(), sqlx::Error> {
    run(session, "BEGIN IMMEDIATE").await
}

async fn run(
    session: &mut SqliteConnection,
    statement: &'static str,
) -> std::result::Result<(), sqlx::Error> {
    sqlx::query(statement).execute(session).await.map(|_| ())
}

async fn rollback(session: &mut SqliteConnection) -> Result<()> {
    run(session, "ROLLBACK").await.map_err(|error| {
        Failure::new(FailureKind::Unknown, "can't take the tried write back").because(error)
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
