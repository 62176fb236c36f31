//! Pins: who reads a backup at the moment, and who wants it kept.

use crate::clock::Timestamp;
use crate::failure::Result;
use crate::names::{BackupId, OperationId};
use crate::state::{Key, StateStore, StoreError, decode, encode};

/// A reason to keep a backup that stands until its owner takes it away.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pin {
    /// Whose pin it is: the operation that reads the backup, or [`kept`] for a person's own wish.
    pub operation: OperationId,
    /// Since when.
    pub since: Timestamp,
    /// Why, in words.
    pub reason: String,
    /// When it stops counting, should its owner be over by then. `None`: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// The owner of a pin that a person set by `opsctl backup pin`.
#[must_use]
pub fn kept() -> OperationId {
    OperationId::new("kept").expect("a fixed word of lower-case letters is a valid name")
}

/// Pins a backup. One owner has one pin: a second time, the first one stays.
///
/// # Errors
/// When the store can't be written.
pub async fn pin(store: &dyn StateStore, backup: &BackupId, pin: &Pin) -> Result<()> {
    let key = Key::pin(backup, &pin.operation);
    match store.create(&key, &encode(pin)?).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Takes an owner's pin away; it is no error when there is none.
///
/// # Errors
/// When the store can't be written.
pub async fn unpin(store: &dyn StateStore, backup: &BackupId, owner: &OperationId) -> Result<()> {
    Ok(store.delete(&Key::pin(backup, owner)).await?)
}

/// The pins of a backup, by owner.
///
/// # Errors
/// When the store can't be read.
pub async fn pins_of(store: &dyn StateStore, backup: &BackupId) -> Result<Vec<Pin>> {
    let mut pins = Vec::new();
    for key in store.list(&Key::pins(backup)).await? {
        if let Some(bytes) = store.read(&key).await? {
            pins.push(decode(&key, &bytes)?);
        }
    }
    Ok(pins)
}

/// Takes all pins of a backup away: it is gone itself.
///
/// # Errors
/// When the store can't be written.
pub async fn forget_pins(store: &dyn StateStore, backup: &BackupId) -> Result<()> {
    for key in store.list(&Key::pins(backup)).await? {
        store.delete(&key).await?;
    }
    Ok(())
}
