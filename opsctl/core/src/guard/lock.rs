//! What a lock register holds, and what operators may see and do about it.

use std::time::Duration;

use super::Principal;
use crate::clock::Timestamp;
use crate::engine::{JournalView, OperationKind, Runner};
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{OperationId, ResourceName};
use crate::state::{Key, Register, StateStore, Swapped};

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holder {
    /// The operation.
    pub operation: OperationId,
    /// Its kind.
    pub kind: OperationKind,
    /// Who runs it, and where.
    pub runner: Runner,
    /// Since when, by the holder's clock.
    pub since: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            operation,
            runner,
            since,
            ..
        } = self;
        write!(
            f,
            "{operation} by {} on {} since {since}",
            runner.principal, runner.host
        )?;
        match &runner.ci_url {
            Some(url) => write!(f, " ({url})"),
            None => Ok(()),
        }
    }
}

/// The content of a lock register.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct LockRecord {
    /// Who works under the lock now.
    pub holder: Option<Holder>,
    /// The operation that is not over yet, whether somebody works on it or not. It never expires.
    pub open: Option<OperationId>,
    /// Counts the renewals: an observer judges expiry by their staying away, on its own clock.
    pub renewal: u64,
    /// How long the holder may stay silent, in milliseconds.
    pub lease_millis: u64,
}

impl LockRecord {
    /// How long the holder may stay silent.
    #[must_use]
    pub const fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_millis)
    }
}

/// A lock as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LockStatus {
    /// What is locked.
    pub resource: ResourceName,
    /// What the register holds.
    pub record: LockRecord,
}

/// The state of one lock.
///
/// # Errors
/// When the store can't be read.
pub async fn lock_status(store: &dyn StateStore, resource: &ResourceName) -> Result<LockStatus> {
    let register = Register::<LockRecord>::at(store, Key::lock(resource));
    let (_, record) = register.load().await?;
    Ok(LockStatus {
        resource: resource.clone(),
        record: record.unwrap_or_default(),
    })
}

/// An operation that the store knows nothing of never began.
pub(super) async fn is_over(store: &dyn StateStore, operation: &OperationId) -> Result<bool> {
    if store.list(&Key::journal(operation)).await?.is_empty() {
        return Ok(true);
    }
    Ok(!JournalView::read(store, operation).await?.is_open())
}

/// Takes the lock from a holder that does not renew it any more; its operation stays open, unless it is
/// over already.
///
/// Watches the register for one lease first: a living holder is never robbed.
///
/// # Errors
/// Refuses while the holder renews.
pub async fn force_release(
    store: &dyn StateStore,
    resource: &ResourceName,
    by: &Principal,
) -> Result<LockRecord> {
    let register = Register::<LockRecord>::at(store, Key::lock(resource));
    let (generation, record) = register.load().await?;
    let record = record.unwrap_or_default();
    // Whoever abandoned the operation may have died before the lock was freed.
    let open = match record.open.clone() {
        Some(open) if is_over(store, &open).await? => None,
        other => other,
    };
    let released = LockRecord {
        holder: None,
        open,
        ..record.clone()
    };
    let Some(holder) = &record.holder else {
        // Losing this race means that the lock is in use again: then nothing is stuck.
        register.swap(generation, &released).await?;
        return Ok(released);
    };
    tokio::time::sleep(record.lease()).await;
    if register.swap(generation, &released).await? == Swapped::Lost {
        return Err(Failure::new(
            FailureKind::Locked,
            format!("{resource} is in use: {holder}"),
        )
        .cause(format!("the holder renewed its lease while {by} watched"))
        .hint(format!("opsctl operation attach {}", holder.operation)));
    }
    Ok(released)
}
