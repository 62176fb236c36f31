//! All the locks of one run, held and let go together.

use super::Lease;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::OperationId;
use crate::state::StateStore;

/// All the locks of one run.
#[derive(Debug, Default)]
pub struct Leases(Vec<Lease>);

impl Leases {
    /// Adds a lease.
    pub fn add(&mut self, lease: Lease) {
        self.0.push(lease);
    }

    /// Checks that every lease is still alive.
    ///
    /// # Errors
    /// [`FailureKind::Locked`], naming the lock that was lost.
    pub fn check(&self) -> Result<()> {
        match self.0.iter().find(|lease| !lease.alive()) {
            None => Ok(()),
            Some(lease) => Err(Failure::new(
                FailureKind::Locked,
                format!(
                    "the lease on '{}' ran out before it could be renewed",
                    lease.key()
                ),
            )
            .left("this process changes nothing more; another may have gone on")
            .hint("opsctl operation list")),
        }
    }

    /// Lets every lock go. `open` keeps the operation open on its resources.
    pub async fn release(self, store: &dyn StateStore, open: Option<&OperationId>) -> Result<()> {
        for lease in self.0 {
            lease.release(store, open).await?;
        }
        Ok(())
    }
}
