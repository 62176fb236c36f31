//! The lock register as its holder writes it: renewed in the background, never in doubt.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::LockRecord;
use crate::engine::{Interrupt, StopReason};
use crate::failure::Result;
use crate::state::{Generation, Key, Register, StateStore, Swapped};

/// What the holder last wrote, and until when that counts.
#[derive(Debug)]
pub(super) struct Held {
    pub generation: Generation,
    pub record: LockRecord,
    pub expires: Instant,
    pub lost: bool,
}

/// What the lease and its renewer share.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Mutex<Held>>);

impl Shared {
    pub(super) fn new(held: Held) -> Self {
        Self(Arc::new(Mutex::new(held)))
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        // The guarded values are replaced whole, so a panic elsewhere can't leave them half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn last_written(&self) -> (Generation, LockRecord) {
        let held = self.held();
        (held.generation, held.record.clone())
    }
}

/// The task that renews a lock until it is told to end.
#[derive(Debug)]
pub(super) struct Renewer {
    end: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Renewer {
    pub(super) fn start(
        store: Arc<dyn StateStore>,
        key: Key,
        shared: Shared,
        lease: Duration,
        interrupt: Interrupt,
    ) -> Self {
        let (end, ended) = oneshot::channel();
        let task = tokio::spawn(renew(store, key, shared, lease, interrupt, ended));
        let end = Some(end);
        Self { end, task }
    }

    /// Waits for a renewal that is under way: cut off in the middle, it may take effect later, and the
    /// lock would stay held although its holder let it go.
    pub(super) async fn finish(mut self) {
        drop(self.end.take());
        // It only ends with an error when it panicked: then nothing is under way either.
        drop((&mut self.task).await);
    }
}

impl Drop for Renewer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn renew(
    store: Arc<dyn StateStore>,
    key: Key,
    shared: Shared,
    lease: Duration,
    interrupt: Interrupt,
    mut ended: oneshot::Receiver<()>,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(lease / 3) => {}
            _ = &mut ended => return,
        }
        let asked = Instant::now();
        let (generation, last) = shared.last_written();
        let record = LockRecord {
            renewal: last.renewal + 1,
            ..last.clone()
        };
        let answer = write_over((generation, &last), &record, store.as_ref(), &key).await;
        let mut held = shared.held();
        match answer {
            Ok(Swapped::Done(generation)) => {
                *held = Held {
                    generation,
                    record,
                    expires: asked + lease,
                    lost: false,
                };
            }
            Ok(Swapped::Lost) => held.lost = true,
            // The store is away: try again while the lease lasts.
            Err(_) if Instant::now() < held.expires => {}
            Err(_) => held.lost = true,
        }
        if held.lost {
            drop(held);
            interrupt.request(StopReason::LeaseLost);
            return;
        }
    }
}

/// Writes over what this holder wrote last, also when the answer to that write got lost on its way: what
/// stands there then bears the holder's name, and is its own to replace.
pub(super) async fn write_over(
    last: (Generation, &LockRecord),
    next: &LockRecord,
    store: &dyn StateStore,
    key: &Key,
) -> Result<Swapped> {
    let register = Register::<LockRecord>::at(store, key.clone());
    let (expected, ours) = last;
    if let done @ Swapped::Done(_) = register.swap(expected, next).await? {
        return Ok(done);
    }
    let (generation, found) = register.load().await?;
    let still_ours =
        found.is_some_and(|found| found.holder.is_some() && found.holder == ours.holder);
    if !still_ours {
        return Ok(Swapped::Lost);
    }
    register.swap(generation, next).await
}
