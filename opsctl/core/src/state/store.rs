//! What every state store can do: immutable objects and compare-and-swap registers.

use async_trait::async_trait;

use super::Key;
use crate::failure::{Failure, FailureKind};

/// How often a register was written; 0 means never.
pub type Generation = u64;

/// Why the state store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote first: the object exists, or the register has another generation.
    #[error("'{0}' was written by somebody else meanwhile")]
    Conflict(Key),
    /// The store can't be read or written.
    #[error("the state store can't {action} '{key}': {reason}")]
    Unavailable {
        /// What was tried: `read`, `write`, `list`, `delete`.
        action: &'static str,
        /// The object.
        key: Key,
        /// The provider's own words.
        reason: String,
    },
    /// Nobody may ask there, or it is somebody else's.
    #[error("{0}")]
    Refused(Box<Failure>),
    /// The store was laid out by a newer opsctl.
    #[error("the state store has format {found}; this opsctl knows {known}")]
    NewerFormat {
        /// The stamp that was found.
        found: u32,
        /// The newest that this version knows.
        known: u32,
    },
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (kind, hint) = match error {
            StoreError::Refused(failure) => return *failure,
            StoreError::Conflict(_) => (FailureKind::Locked, "opsctl operation list"),
            StoreError::Unavailable { .. } => (FailureKind::Failed, "opsctl doctor"),
            StoreError::NewerFormat { .. } => (FailureKind::Usage, "install the newer opsctl"),
        };
        Self::new(kind, error.to_string()).hint(hint)
    }
}

/// A durable store. Every write is on stable storage when the call returns.
#[async_trait]
pub trait StateStore: Send + Sync {
    /// Writes an immutable object.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it exists already, whatever it holds.
    async fn create(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError>;

    /// Reads an immutable object; `None` when there is none.
    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// The immutable objects below a key, sorted.
    async fn list(&self, below: &Key) -> Result<Vec<Key>, StoreError>;

    /// Deletes an immutable object; it is no error when there is none.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;

    /// Reads a register and its generation; `(0, None)` when it was never written.
    async fn load(&self, key: &Key) -> Result<(Generation, Option<Vec<u8>>), StoreError>;

    /// Writes a register if its generation is still the expected one; returns the new one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote meanwhile.
    async fn swap(
        &self,
        key: &Key,
        expected: Generation,
        bytes: &[u8],
    ) -> Result<Generation, StoreError>;
}
