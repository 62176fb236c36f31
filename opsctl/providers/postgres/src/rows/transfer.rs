//! [`RowTransfer`] over PostgreSQL.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Batch, Location, Row, RowTransfer, Selection, Shape, TableDifference};

use super::session::{Right, begin};
use super::{differences, select, shape, write};

/// Rows of PostgreSQL databases. A session's transaction ends with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresRows;

#[async_trait]
impl RowTransfer for PostgresRows {
    async fn shape(&self, at: &Location) -> Result<Shape> {
        shape::read(&mut begin(at, Right::Read).await?).await
    }

    async fn select(&self, at: &Location, selection: &Selection<'_>) -> Result<Vec<Row>> {
        select::read(&mut begin(at, Right::Read).await?, selection).await
    }

    async fn insert(&self, permit: &Permit<'_>, at: &Location, batches: &[Batch]) -> Result<u64> {
        permit.check()?;
        write::write(&mut begin(at, Right::Write).await?, permit, batches).await
    }

    async fn inserted(&self, at: &Location, operation: &OperationId) -> Result<Option<u64>> {
        write::written(&mut begin(at, Right::Read).await?, operation).await
    }

    async fn differences(
        &self,
        first: &Location,
        second: &Location,
        keys: u32,
    ) -> Result<Vec<TableDifference>> {
        let (mut one, mut other) = (
            begin(first, Right::Read).await?,
            begin(second, Right::Read).await?,
        );
        let (ours, theirs) = (shape::read(&mut one).await?, shape::read(&mut other).await?);
        let mut all = Vec::new();
        for table in &ours.tables {
            let Some(known) = theirs.table(&table.name) else {
                continue;
            };
            let mut both = table.clone();
            both.columns.retain(|column| known.columns.contains(column));
            all.push(differences::one(&mut one, &mut other, &both, keys).await?);
        }
        Ok(all)
    }
}
