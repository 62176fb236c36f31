//! [`RowTransfer`] over SQLite files.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Batch, Location, Row, RowTransfer, Selection, Shape, TableDifference};
use opsctl_core::{Failure, Result};
use sqlx::{Connection, SqliteConnection};

use super::{differences, select, shape, write};
use crate::connect::{self, trouble};

/// Rows of SQLite databases.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteRows;

/// A session that can't change anything, whatever it is told.
async fn reader(at: &Location) -> Result<SqliteConnection> {
    let mut session = connect::connection(at).await?;
    sqlx::query("PRAGMA query_only = ON")
        .execute(&mut session)
        .await
        .map_err(|error| trouble("can't open the database for reading", error))?;
    Ok(session)
}

/// Ends the session, and hands on what it came to.
async fn ended<T>(session: SqliteConnection, answer: Result<T>) -> Result<T> {
    let closed = session.close().await;
    let answer = answer?;
    closed.map_err(|error| trouble("can't close the database", error))?;
    Ok(answer)
}

#[async_trait]
impl RowTransfer for SqliteRows {
    async fn shape(&self, at: &Location) -> Result<Shape> {
        let mut session = reader(at).await?;
        let answer = shape::read(&mut session).await;
        ended(session, answer).await
    }

    async fn select(&self, at: &Location, selection: &Selection<'_>) -> Result<Vec<Row>> {
        let mut session = reader(at).await?;
        let answer = match shape::read(&mut session).await {
            Ok(shape) => match shape.table(selection.table) {
                Some(table) => select::read(&mut session, table, selection).await,
                None => Err(Failure::usage(format!(
                    "there is no table '{}'",
                    selection.table
                ))),
            },
            Err(failure) => Err(failure),
        };
        ended(session, answer).await
    }

    async fn insert(&self, permit: &Permit<'_>, at: &Location, batches: &[Batch]) -> Result<u64> {
        let mut session = connect::connection(at).await?;
        permit.check()?;
        let answer = write::write(&mut session, permit, batches).await;
        ended(session, answer).await
    }

    async fn inserted(&self, at: &Location, operation: &OperationId) -> Result<Option<u64>> {
        let mut session = reader(at).await?;
        let answer = write::written(&mut session, operation).await;
        ended(session, answer).await
    }

    async fn differences(
        &self,
        first: &Location,
        second: &Location,
        keys: u32,
    ) -> Result<Vec<TableDifference>> {
        let other = self.shape(second).await?;
        let mut session = reader(first).await?;
        let answer = async {
            let mut both = shape::read(&mut session).await?;
            both.tables
                .retain_mut(|table| match other.table(&table.name) {
                    Some(known) => {
                        table
                            .columns
                            .retain(|column| known.columns.contains(column));
                        true
                    }
                    None => false,
                });
            let file = connect::file(second)?;
            // Opening `second` above proved that it exists: attaching a missing file would make one.
            sqlx::query("ATTACH DATABASE ?1 AS other")
                .bind(file.to_string_lossy().into_owned())
                .execute(&mut session)
                .await
                .map_err(|error| trouble(&format!("can't open {}", second.url), error))?;
            differences::read(&mut session, &both, keys).await
        };
        let answer = answer.await;
        ended(session, answer).await
    }
}
