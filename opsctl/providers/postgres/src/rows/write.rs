//! Writes rows in one transaction, and the trace of each.

use std::collections::BTreeMap;

use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Batch, Row};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::shape::types;
use super::spelling::{arrays, names, table, values};
use crate::connect::trouble;

/// Rows a statement.
const AT_ONCE: usize = 1_000;

type Done<T> = std::result::Result<T, sqlx::Error>;

/// How many rows this operation wrote; `None` when it wrote none.
pub(super) async fn written(
    session: &mut PgConnection,
    operation: &OperationId,
) -> Result<Option<u64>> {
    count(session, operation)
        .await
        .map_err(trouble("can't read the audit log"))
}

async fn count(session: &mut PgConnection, operation: &OperationId) -> Done<Option<u64>> {
    let rows: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit_log WHERE action = 'restored' AND request_id = $1",
    )
    .bind(operation.as_str())
    .fetch_one(session)
    .await?;
    Ok((rows > 0).then_some(rows.unsigned_abs()))
}

/// Writes all of it within the session's transaction, and commits it. Should anything fail, the session
/// ends and the server takes all of it back.
pub(super) async fn write(
    session: &mut PgConnection,
    permit: &Permit<'_>,
    batches: &[Batch],
) -> Result<u64> {
    let mut known = BTreeMap::new();
    for batch in batches {
        known.insert(batch.table.clone(), types(session, &batch.table).await?);
    }
    let failed = |error| {
        trouble("the rows can't be written")(error)
            .left("nothing was written: the transaction was rolled back")
            .hint("opsctl restore rows again shows what stands in the way")
    };
    let rows = all(session, permit.operation(), batches, &known)
        .await
        .map_err(failed)?;
    // The lease may have run out while the rows were written.
    permit.check()?;
    session.execute("COMMIT").await.map_err(failed)?;
    Ok(rows)
}

type Types = BTreeMap<String, BTreeMap<String, String>>;

async fn all(
    session: &mut PgConnection,
    operation: &OperationId,
    batches: &[Batch],
    known: &Types,
) -> Done<u64> {
    // Two runners can't both find nothing: the second one waits here for the first one's commit.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext($1))")
        .bind(operation.as_str())
        .execute(&mut *session)
        .await?;
    if let Some(rows) = count(session, operation).await? {
        return Ok(rows);
    }
    session.execute("SET CONSTRAINTS ALL DEFERRED").await?;
    let mut written = 0;
    for batch in batches {
        let statement = insertion(batch, known.get(&batch.table));
        for rows in batch.rows.chunks(AT_ONCE) {
            let mut query = sqlx::query(AssertSqlSafe(statement.clone()));
            for place in 0..batch.columns.len() {
                let column: Vec<Option<String>> = rows
                    .iter()
                    .map(|row| row.0.get(place).cloned().flatten())
                    .collect();
                query = query.bind(column);
            }
            query.execute(&mut *session).await?;
            traces(session, operation, batch, rows).await?;
            written += rows.len() as u64;
        }
    }
    Ok(written)
}

fn insertion(batch: &Batch, known: Option<&BTreeMap<String, String>>) -> String {
    let typed = batch.columns.iter().enumerate().map(|(place, column)| {
        let kind = known
            .and_then(|known| known.get(column))
            .map_or("text", String::as_str);
        format!("v{}::{kind}", place + 1)
    });
    let count = batch.columns.len();
    format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM unnest({}) AS coming ({})",
        table(&batch.table),
        names(&batch.columns),
        typed.collect::<Vec<_>>().join(", "),
        arrays(count),
        values(count)
    )
}

async fn traces(
    session: &mut PgConnection,
    operation: &OperationId,
    batch: &Batch,
    rows: &[Row],
) -> Done<()> {
    let at = |column: &String| batch.columns.iter().position(|known| known == column);
    let key = |row: &Row| {
        let parts = batch
            .key
            .iter()
            .filter_map(|column| row.0.get(at(column)?)?.clone());
        parts.collect::<Vec<_>>().join(",")
    };
    let keys: Vec<String> = rows.iter().map(key).collect();
    sqlx::query(
        "INSERT INTO audit_log (action, entity, entity_id, request_id) \
         SELECT 'restored', $1, key, $2 FROM unnest($3::text[]) AS key",
    )
    .bind(&batch.table)
    .bind(operation.as_str())
    .bind(keys)
    .execute(session)
    .await
    .map(|_| ())
}
