//! Writing sample rows, fast.

use async_trait::async_trait;

use super::Location;
use crate::failure::Result;
use crate::guard::Permit;
use crate::seed::Batch;

/// Writes batches of sample rows.
#[async_trait]
pub trait Seeder: Send + Sync {
    /// Writes a batch in one transaction; rows whose key is there already stay as they are.
    async fn insert(&self, permit: &Permit<'_>, location: &Location, batch: &Batch) -> Result<()>;
}
