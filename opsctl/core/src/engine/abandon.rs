//! Declares an operation over, whatever its state. Nothing is undone: the journal says who and why.

use std::sync::Arc;

use super::{Interrupt, Journal, JournalView, Outcome, RecordKind, Runner};
use crate::clock::Timestamp;
use crate::failure::{Failure, Result};
use crate::guard::{Holder, Lease, LeaseTerms, Leases, LockRecord, Principal};
use crate::names::{OperationId, ResourceName};
use crate::state::{Key, Register, StateStore};

/// Closes an open operation without finishing it, and frees what it held open.
///
/// # Errors
/// When it is over already, or somebody is running it at the moment.
pub async fn abandon(
    store: &Arc<dyn StateStore>,
    id: &OperationId,
    principal: &Principal,
    reason: &str,
    now: Timestamp,
) -> Result<JournalView> {
    let view = JournalView::read(store.as_ref(), id).await?;
    if !view.is_open() {
        return Err(Failure::refused(format!("{id} is over already"))
            .hint(format!("opsctl operation show {id}")));
    }
    let holder = Holder {
        operation: id.clone(),
        kind: view.plan.kind,
        runner: Runner {
            principal: principal.clone(),
            ..view.runner.clone()
        },
        since: now,
    };
    // Whoever runs it renews this lock: a living run can't be abandoned, only stopped.
    let lease = Lease::acquire(
        store,
        Key::runner(id),
        &holder,
        LeaseTerms::default(),
        &Interrupt::default(),
        &|_| (),
    )
    .await?;
    let mut leases = Leases::default();
    leases.add(lease);
    let view = JournalView::read(store.as_ref(), id).await?;
    let outcome = Outcome::Abandoned {
        principal: principal.clone(),
        reason: reason.to_owned(),
    };
    let closed = Journal::after(store.as_ref(), &view);
    let closed = close(closed, now, outcome).await;
    let freed = free(store.as_ref(), id, &view.plan.resources).await;
    leases.release(store.as_ref(), None).await?;
    closed.and(freed)?;
    JournalView::read(store.as_ref(), id).await
}

async fn close(mut journal: Journal<'_>, now: Timestamp, outcome: Outcome) -> Result<()> {
    journal.append(now, RecordKind::Closed(outcome)).await
}

/// Takes the operation's mark off the resources that it kept open.
async fn free(store: &dyn StateStore, id: &OperationId, resources: &[ResourceName]) -> Result<()> {
    for resource in resources {
        let register = Register::<LockRecord>::at(store, Key::lock(resource));
        let (generation, record) = register.load().await?;
        if let Some(record) = record.filter(|record| record.open.as_ref() == Some(id)) {
            let holder = record
                .holder
                .clone()
                .filter(|holder| holder.operation != *id);
            let free = LockRecord {
                holder,
                open: None,
                ..record
            };
            // Losing means that somebody else has it already.
            register.swap(generation, &free).await?;
        }
    }
    Ok(())
}
