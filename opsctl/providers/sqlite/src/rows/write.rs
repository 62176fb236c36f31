//! Writes rows in one transaction, and the trace of each.

use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Batch, Row};
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::spelling::{literal, name, names};
use crate::connect::trouble;

/// Rows a statement.
const AT_ONCE: usize = 100;

type Done<T> = std::result::Result<T, sqlx::Error>;

/// How many rows this operation wrote; `None` when it wrote none.
pub(super) async fn written(
    session: &mut SqliteConnection,
    operation: &OperationId,
) -> Result<Option<u64>> {
    count(session, operation)
        .await
        .map_err(|error| trouble("can't read the audit log", error))
}

async fn count(session: &mut SqliteConnection, operation: &OperationId) -> Done<Option<u64>> {
    let rows: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit_log WHERE action = 'restored' AND request_id = ?1",
    )
    .bind(operation.as_str())
    .fetch_one(session)
    .await?;
    Ok((rows > 0).then_some(rows.unsigned_abs()))
}

/// Writes all of it or nothing.
pub(super) async fn write(
    session: &mut SqliteConnection,
    permit: &Permit<'_>,
    batches: &[Batch],
) -> Result<u64> {
    let failed = |error| {
        trouble("the rows can't be written", error)
            .left("nothing was written: the transaction was rolled back")
            .hint("opsctl restore rows again shows what stands in the way")
    };
    run(session, "BEGIN IMMEDIATE").await.map_err(failed)?;
    let all = all(session, permit.operation(), batches).await;
    // The lease may have run out while the rows were written.
    match all
        .map_err(failed)
        .and_then(|rows| permit.check().map(|()| rows))
    {
        Ok(rows) => {
            run(session, "COMMIT").await.map_err(failed)?;
            Ok(rows)
        }
        Err(failure) => {
            run(session, "ROLLBACK").await.map_err(|error| {
                Failure::new(FailureKind::Unknown, "the rows can't be taken back").because(error)
            })?;
            Err(failure)
        }
    }
}

async fn all(
    session: &mut SqliteConnection,
    operation: &OperationId,
    batches: &[Batch],
) -> Done<u64> {
    // Looked at under the write lock: two runners can't both find nothing.
    if let Some(rows) = count(session, operation).await? {
        return Ok(rows);
    }
    // Tables that refer to each other in a circle have no right order.
    run(session, "PRAGMA defer_foreign_keys = ON").await?;
    let mut written = 0;
    for batch in batches {
        for rows in batch.rows.chunks(AT_ONCE) {
            let statement = insertion(batch, rows);
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *session)
                .await?;
            let statement = traces(batch, rows, operation);
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *session)
                .await?;
            written += rows.len() as u64;
        }
    }
    Ok(written)
}

fn insertion(batch: &Batch, rows: &[Row]) -> String {
    let one = |row: &Row| {
        let values = row.0.iter().map(|value| value.as_deref().unwrap_or("NULL"));
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    let values: Vec<String> = rows.iter().map(one).collect();
    format!(
        "INSERT INTO {} ({}) VALUES {}",
        name(&batch.table),
        names(&batch.columns),
        values.join(", ")
    )
}

fn traces(batch: &Batch, rows: &[Row], operation: &OperationId) -> String {
    let at = |column: &String| batch.columns.iter().position(|known| known == column);
    let one = |row: &Row| {
        let parts = batch.key.iter().filter_map(|column| {
            let value = row.0.get(at(column)?)?.as_deref()?;
            Some(format!("CAST({value} AS TEXT)"))
        });
        let key = parts.collect::<Vec<_>>().join(" || ',' || ");
        format!(
            "('restored', {}, {key}, {})",
            literal(&batch.table),
            literal(operation.as_str())
        )
    };
    let values: Vec<String> = rows.iter().map(one).collect();
    format!(
        "INSERT INTO audit_log (action, entity, entity_id, request_id) VALUES {}",
        values.join(", ")
    )
}

async fn run(session: &mut SqliteConnection, statement: &'static str) -> Done<()> {
    sqlx::query(statement).execute(session).await.map(|_| ())
}
