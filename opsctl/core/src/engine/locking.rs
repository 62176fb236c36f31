//! Takes the locks of a run: the operation itself, then its resources in a fixed order.

use std::sync::Arc;

use super::{EventKind, Interrupt, Plan, Run, StopReason};
use crate::failure::Result;
use crate::guard::{Holder, Lease, Leases};
use crate::names::OperationId;
use crate::state::{Key, Register, StateStore};

/// A wish, left in the state store, that an operation stops at its next boundary.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StopWish {
    /// Who wishes it; `None` once it was heard, so that a resumed run does not hear it again.
    pub by: Option<String>,
}

pub(super) async fn acquire(run: &Run, plan: &Plan) -> Result<Leases> {
    let holder = Holder {
        operation: plan.operation.clone(),
        kind: plan.kind,
        runner: run.runner.clone(),
        since: run.clock.now(),
    };
    let mut keys = vec![Key::runner(&plan.operation)];
    let mut resources = plan.resources.clone();
    // Always the same order: two runs can't each hold what the other wants.
    resources.sort();
    keys.extend(resources.iter().map(Key::lock));
    let mut leases = Leases::default();
    for key in keys {
        if run.supersede {
            ask_holder_to_stop(run, &key, &plan.operation).await?;
        }
        match take(run, plan, key, &holder).await {
            Ok(lease) => leases.add(lease),
            Err(failure) => {
                leases.release(run.store.as_ref(), None).await?;
                return Err(failure);
            }
        }
    }
    tokio::spawn(watch_for_wishes(
        Arc::downgrade(&run.store),
        plan.operation.clone(),
        run.interrupt.clone(),
        run.terms.lease / 3,
    ));
    Ok(leases)
}

async fn take(run: &Run, plan: &Plan, key: Key, holder: &Holder) -> Result<Lease> {
    let told = std::sync::atomic::AtomicBool::new(false);
    let waiting = |other: &Holder| {
        if !told.swap(true, std::sync::atomic::Ordering::Relaxed) {
            run.send(
                plan,
                EventKind::Waiting {
                    message: format!("waiting for {other}"),
                },
            );
        }
    };
    Lease::acquire(&run.store, key, holder, run.terms, &run.interrupt, &waiting).await
}

async fn ask_holder_to_stop(run: &Run, key: &Key, by: &OperationId) -> Result<()> {
    let register = Register::<crate::guard::LockRecord>::at(run.store.as_ref(), key.clone());
    let Some(holder) = register.load().await?.1.and_then(|record| record.holder) else {
        return Ok(());
    };
    let wish = StopWish {
        by: Some(format!("{by} ({})", run.runner.principal)),
    };
    let stop_key = Key::stop_request(&holder.operation);
    let stop = Register::<StopWish>::at(run.store.as_ref(), stop_key);
    let (generation, _) = stop.load().await?;
    // Losing this race means that somebody else asked the same.
    stop.swap(generation, &wish).await.map(|_| ())
}

/// Ends with the run: the store is only borrowed weakly.
async fn watch_for_wishes(
    store: std::sync::Weak<dyn StateStore>,
    operation: OperationId,
    interrupt: Interrupt,
    every: std::time::Duration,
) {
    loop {
        tokio::time::sleep(every).await;
        let Some(store) = store.upgrade() else { return };
        let register = Register::<StopWish>::at(store.as_ref(), Key::stop_request(&operation));
        if let Ok((generation, Some(StopWish { by: Some(by) }))) = register.load().await {
            interrupt.request(StopReason::Superseded { by });
            // Should this not be written, a resumed run stops once more: harmless.
            drop(register.swap(generation, &StopWish { by: None }).await);
            return;
        }
    }
}
