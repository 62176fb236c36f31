//! Sample rows in large transactions.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Location, Seeder};
use opsctl_core::seed::Batch;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::connect::{self, trouble};

/// Below SQLite's limit of 32,766 values in one statement.
const ROWS_A_STATEMENT: usize = 500;

/// Seeds SQLite files.
#[derive(Debug, Clone, Default)]
pub struct SqliteSeeder;

#[async_trait]
impl Seeder for SqliteSeeder {
    async fn insert(&self, permit: &Permit<'_>, location: &Location, batch: &Batch) -> Result<()> {
        permit.check()?;
        let mut session = connect::connection(location).await?;
        let failed = format!("can't write sample rows into {}", batch.table.name());
        let written = write(&mut session, batch)
            .await
            .map_err(|error| trouble(&failed, error));
        let closed = session
            .close()
            .await
            .map_err(|error| trouble(&failed, error));
        written.and(closed)
    }
}

async fn write(
    session: &mut SqliteConnection,
    batch: &Batch,
) -> std::result::Result<(), sqlx::Error> {
    let mut transaction = session.begin_with("BEGIN IMMEDIATE").await?;
    for rows in batch.rows.chunks(ROWS_A_STATEMENT) {
        let columns = batch.table.columns();
        let places = format!("({})", vec!["?"; columns.len()].join(", "));
        let sql = format!(
            "INSERT INTO {} ({}) VALUES {} ON CONFLICT DO NOTHING",
            batch.table.name(),
            columns.join(", "),
            vec![places; rows.len()].join(", ")
        );
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for cell in rows.iter().flatten() {
            insert = insert.bind(cell);
        }
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
