//! The marks that passed drills leave on backups: prune never deletes the newest one that has one.

use crate::clock::Timestamp;
use crate::failure::Result;
use crate::names::{BackupId, OperationId};
use crate::state::{Key, StateStore, StoreError, decode, encode};

/// A drill restored this backup and every promise held.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DrillMark {
    /// The drill.
    pub drill: OperationId,
    /// When it passed.
    pub passed_at: Timestamp,
}

fn marks(backup: &BackupId) -> Key {
    Key::of(&["drilled", backup.as_str()])
}

/// Marks a backup as proven by a drill. The same drill marks it once.
///
/// # Errors
/// When the store can't be written.
pub async fn mark_drilled(
    store: &dyn StateStore,
    backup: &BackupId,
    mark: &DrillMark,
) -> Result<()> {
    let key = marks(backup).join(&format!("{}.json", mark.drill));
    match store.create(&key, &encode(mark)?).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The drills that this backup passed.
///
/// # Errors
/// When the store can't be read.
pub async fn passed_drills(store: &dyn StateStore, backup: &BackupId) -> Result<Vec<DrillMark>> {
    let mut passed = Vec::new();
    for key in store.list(&marks(backup)).await? {
        if let Some(bytes) = store.read(&key).await? {
            passed.push(decode(&key, &bytes)?);
        }
    }
    Ok(passed)
}

/// Takes all marks of a backup away: it is gone itself.
///
/// # Errors
/// When the store can't be written.
pub async fn forget_drills(store: &dyn StateStore, backup: &BackupId) -> Result<()> {
    for key in store.list(&marks(backup)).await? {
        store.delete(&key).await?;
    }
    Ok(())
}
