//! Sample rows by `COPY`, the fastest way in.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Location, Seeder};
use opsctl_core::seed::Batch;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::connect::{self, trouble};

/// Seeds PostgreSQL databases.
#[derive(Debug, Clone, Default)]
pub struct PostgresSeeder;

#[async_trait]
impl Seeder for PostgresSeeder {
    async fn insert(&self, permit: &Permit<'_>, location: &Location, batch: &Batch) -> Result<()> {
        permit.check()?;
        let name = format!("opsctl/{}/{}", permit.operation(), batch.table.name());
        let options = connect::options(location, &name)?;
        let failed = format!("can't write sample rows into {}", batch.table.name());
        let mut session = PgConnection::connect_with(&options)
            .await
            .map_err(trouble(&failed))?;
        write(&mut session, batch).await.map_err(trouble(&failed))?;
        session.close().await.map_err(trouble(&failed))
    }
}

/// Through a table of the session's own, because `COPY` can't pass over rows that are there already.
async fn write(session: &mut PgConnection, batch: &Batch) -> std::result::Result<(), sqlx::Error> {
    let (table, columns) = (batch.table.name(), batch.table.columns().join(", "));
    let mut transaction = session.begin().await?;
    let waiting = format!(
        "CREATE TEMPORARY TABLE waiting ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0"
    );
    transaction.execute(AssertSqlSafe(waiting)).await?;
    let copy = format!("COPY waiting ({columns}) FROM STDIN");
    let mut copying = transaction.copy_in_raw(&copy).await?;
    copying.send(text(batch).into_bytes()).await?;
    copying.finish().await?;
    let insert = format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM waiting ON CONFLICT DO NOTHING"
    );
    transaction.execute(AssertSqlSafe(insert)).await?;
    transaction.commit().await
}

/// COPY's text form; the sample texts hold neither tabs nor backslashes nor line ends.
fn text(batch: &Batch) -> String {
    let mut text = String::with_capacity(batch.rows.len() * 128);
    for row in &batch.rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push('\t');
            }
            text.push_str(cell);
        }
        text.push('\n');
    }
    text
}
