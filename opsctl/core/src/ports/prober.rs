//! Asking a database as the application does, all along: numbered rows, written and read. They lie in a place of their own,
//! never in a table of the application.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::Location;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::OperationId;

/// What became of one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The database said that it is kept: from now on it must not be missing.
    Acknowledged,
    /// The database said no: it is not kept.
    Refused(String),
    /// No answer: it may be kept or not.
    Unanswered(String),
}

/// The numbered rows of one environment's database.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Makes their place, open to the application's login. Idempotent.
    async fn prepare(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()>;

    /// Connects where the application does, by its login.
    async fn connect(&self, location: &Location) -> Result<Box<dyn ProberSession>>;

    /// The numbers of an operation that are kept.
    async fn kept(
        &self,
        administrator: &Location,
        operation: &OperationId,
    ) -> Result<BTreeSet<u64>>;

    /// Takes their place away. Idempotent.
    async fn remove(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()>;
}

/// One connection. Whoever gives up waiting throws it away.
#[async_trait]
pub trait ProberSession: Send {
    /// Writes a number.
    async fn write(&mut self, operation: &OperationId, number: u64) -> Sent;

    /// Reads the newest number.
    async fn read(&mut self, operation: &OperationId) -> Result<Option<u64>>;
}
