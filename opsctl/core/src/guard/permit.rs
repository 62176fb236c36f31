//! What every changing call must be handed: an approval, and leases that are still alive.

use super::{Approval, Leases};
use crate::failure::Result;
use crate::names::OperationId;

/// The right to change something now. It borrows the live leases, so that it can't outlive them.
#[derive(Debug)]
pub struct Permit<'a> {
    approval: &'a Approval,
    leases: &'a Leases,
    operation: &'a OperationId,
}

impl<'a> Permit<'a> {
    /// Joins an approval, which only the guard can mint, with the leases of a run.
    #[must_use]
    pub const fn new(
        approval: &'a Approval,
        leases: &'a Leases,
        operation: &'a OperationId,
    ) -> Self {
        Self {
            approval,
            leases,
            operation,
        }
    }

    /// Checks, right before a change, that the leases are still ours.
    ///
    /// # Errors
    /// [`crate::FailureKind::Locked`] when a lease ran out: somebody else may work already.
    pub fn check(&self) -> Result<()> {
        self.leases.check()
    }

    /// The operation on whose behalf things change: owner tags and session names carry it.
    #[must_use]
    pub const fn operation(&self) -> &OperationId {
        self.operation
    }

    /// The approval behind this permit.
    #[must_use]
    pub const fn approval(&self) -> &Approval {
        self.approval
    }
}
