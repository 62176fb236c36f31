//! Pins: who needs a backup to stay. `backup prune` never deletes a pinned one.
//!
//! Owns the records under `pins/`. An operation's pin has an expiry, so that a run that died for good
//! does not keep a backup for ever; a person's pin has none.

use crate::clock::Timestamp;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{BackupId, OperationId};
use crate::state::{Key, StateStore, StoreError, decode, encode};

/// A wish that a backup stays.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pin {
    /// Whose: an operation that reads the backup, or `kept` for a person's.
    pub owner: OperationId,
    /// Why, in words.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until it is taken away.
    pub until: Option<Timestamp>,
}

impl Pin {
    /// The owner of pins that people set.
    ///
    /// # Errors
    /// Never: the name is fixed.
    pub fn kept() -> Result<OperationId> {
        OperationId::new("kept")
    }
}

/// Pins a backup; doing it again changes nothing.
///
/// # Errors
/// When the store can't be written.
pub async fn pin(store: &dyn StateStore, backup: &BackupId, pin: &Pin) -> Result<()> {
    match store
        .create(&Key::pin(backup, &pin.owner), &encode(pin)?)
        .await
    {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(Failure::from(error).in_context(format!("can't pin backup {backup}"))),
    }
}

/// Takes an owner's pin away; it is no error when there is none.
///
/// # Errors
/// When the store can't be written.
pub async fn unpin(store: &dyn StateStore, backup: &BackupId, owner: &OperationId) -> Result<()> {
    Ok(store.delete(&Key::pin(backup, owner)).await?)
}

/// The pins of a backup that count at `now`.
///
/// # Errors
/// When the store can't be read. A pin that can't be read counts for ever: better kept than lost.
pub async fn pins_of(
    store: &dyn StateStore,
    backup: &BackupId,
    now: Timestamp,
) -> Result<Vec<Pin>> {
    let mut pins = Vec::new();
    for key in store.list(&Key::pins(backup)).await? {
        let Some(bytes) = store.read(&key).await? else {
            continue;
        };
        let pin: Pin = match decode::<Pin>(&key, &bytes) {
            Ok(pin) => pin,
            Err(failure) if failure.kind == FailureKind::Unknown => Pin {
                owner: Pin::kept()?,
                reason: format!("the pin {key} can't be read"),
                since: now,
                until: None,
            },
            Err(failure) => return Err(failure),
        };
        if pin.until.is_none_or(|until| until > now) {
            pins.push(pin);
        }
    }
    Ok(pins)
}
