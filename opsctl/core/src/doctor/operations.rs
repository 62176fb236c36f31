//! The state store, open operations and locks.

use crate::engine::{JournalView, list_operations};
use crate::failure::Result;
use crate::guard::LockRecord;
use crate::names::{OperationId, ResourceName};
use crate::ports::World;
use crate::state::{Key, Register};

use super::examination::{Finding, Patience, Seen, command};

/// Whether the state can be read and written.
pub(super) async fn state(world: &World) -> Result<Seen> {
    let store = world.store.as_ref();
    let known = list_operations(store).await?.len();
    let key = Key::of(&["doctor", &format!("{}.json", uuid::Uuid::new_v4())]);
    store.create(&key, b"{}\n").await?;
    store.delete(&key).await?;
    Ok((
        format!("readable and writable; {known} operations"),
        Vec::new(),
    ))
}

/// Operations that are not over.
pub(super) async fn open(world: &World, patience: Patience) -> Result<Seen> {
    let mut findings = Vec::new();
    let mut open = Vec::new();
    for id in list_operations(world.store.as_ref()).await? {
        match JournalView::read(world.store.as_ref(), &id).await {
            Ok(view) if view.is_open() => open.push((id, view)),
            Ok(_) => {}
            Err(failure) => findings.push(
                Finding::trouble(
                    format!("the journal of {id} can't be read: {failure}"),
                    "use the opsctl that began it",
                )
                .or(abandon(world, &id)),
            ),
        }
    }
    let before = renewals(world, &open).await?;
    if before.iter().any(Option::is_some) {
        tokio::time::sleep(patience.0).await;
    }
    let after = renewals(world, &open).await?;
    let mut running = 0;
    for (index, (id, view)) in open.iter().enumerate() {
        let lives = before[index].is_some() && before[index] != after[index];
        if lives {
            running += 1;
            continue;
        }
        // What ended while we watched is over.
        if !JournalView::read(world.store.as_ref(), id).await?.is_open() {
            continue;
        }
        let since = view.records.last().map_or(view.plan.created_at, |r| r.at);
        let why = view.stopped.as_deref().unwrap_or("its process is gone");
        findings.push(
            Finding::trouble(
                format!("{id} is open since {since} and nobody works on it: {why}"),
                command(world, &format!("operation resume {id}")),
            )
            .or(abandon(world, id)),
        );
    }
    findings.extend(stale_locks(world).await?);
    Ok((
        format!("{running} running, {} open in all", open.len()),
        findings,
    ))
}

fn abandon(world: &World, id: &OperationId) -> String {
    command(world, &format!("operation abandon {id} --reason <why>"))
}

/// How often each operation's runner has renewed its lease; `None` where nobody holds it.
async fn renewals(world: &World, open: &[(OperationId, JournalView)]) -> Result<Vec<Option<u64>>> {
    let mut renewals = Vec::with_capacity(open.len());
    for (id, _) in open {
        let register = Register::<LockRecord>::at(world.store.as_ref(), Key::runner(id));
        let record = register.load().await?.1.unwrap_or_default();
        renewals.push(record.holder.map(|_| record.renewal));
    }
    Ok(renewals)
}

/// Locks of operations that are over, or that nobody knows.
async fn stale_locks(world: &World) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in ["database", "workloads", "secrets", "backups"] {
        let resource = ResourceName::new(name)?;
        let register = Register::<LockRecord>::at(world.store.as_ref(), Key::lock(&resource));
        let Some(open) = register.load().await?.1.and_then(|record| record.open) else {
            continue;
        };
        let keys = world.store.list(&Key::journal(&open)).await?;
        let over = keys.is_empty()
            || !JournalView::read(world.store.as_ref(), &open)
                .await?
                .is_open();
        if over {
            findings.push(Finding::trouble(
                format!("the lock on {name} belongs to {open}, which is over"),
                command(world, &format!("lock release {name}")),
            ));
        }
    }
    Ok(findings)
}
