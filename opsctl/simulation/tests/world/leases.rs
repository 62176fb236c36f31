//! Leases over a store whose answers are slow or get lost: what was let go is free, what is renewed is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opsctl_core::clock::{Clock, SystemClock};
use opsctl_core::engine::{Interrupt, OperationKind};
use opsctl_core::guard::{Holder, Lease, LeaseTerms, Leases, LockStatus, lock_status};
use opsctl_core::names::{OperationId, ResourceName};
use opsctl_core::state::{Generation, Key, StateStore, StoreError};
use opsctl_simulation::MemoryStore;
use tokio::sync::Notify;

use crate::runner::ada;

#[tokio::test]
async fn a_lock_let_go_while_it_is_being_renewed_is_free() {
    let store = Arc::new(Odd::default());
    let leases = held(&store, &Interrupt::default()).await;
    store.slow.store(true, Ordering::SeqCst);
    store.written.notified().await;
    leases.release(store.as_ref(), None).await.unwrap();
    assert_eq!(status(&store).await.record.holder, None);
}

#[tokio::test]
async fn a_lock_whose_renewal_was_written_but_not_answered_is_kept() {
    let store = Arc::new(Odd::default());
    let interrupt = Interrupt::default();
    let leases = held(&store, &interrupt).await;
    let renewed = status(&store).await.record.renewal;
    store.silent.store(true, Ordering::SeqCst);
    store.written.notified().await;
    store.written.notified().await;
    leases.check().unwrap();
    assert!(interrupt.requested().is_none());
    assert!(status(&store).await.record.renewal > renewed);
    leases.release(store.as_ref(), None).await.unwrap();
    assert_eq!(status(&store).await.record.holder, None);
}

const LEASE: Duration = Duration::from_secs(3);

async fn held(store: &Arc<Odd>, interrupt: &Interrupt) -> Leases {
    let holder = Holder {
        operation: OperationId::new("restore-1").unwrap(),
        kind: OperationKind::Restore,
        runner: ada(),
        since: SystemClock.now(),
    };
    let terms = LeaseTerms {
        lease: LEASE,
        wait: Duration::ZERO,
    };
    let shared = Arc::clone(store) as Arc<dyn StateStore>;
    let key = Key::lock(&database());
    let lease = Lease::acquire(&shared, key, &holder, terms, interrupt, &|_| ()).await;
    store.written.notified().await;
    let mut leases = Leases::default();
    leases.add(lease.unwrap());
    leases
}

fn database() -> ResourceName {
    ResourceName::new("database").unwrap()
}

async fn status(store: &Arc<Odd>) -> LockStatus {
    lock_status(store.as_ref(), &database()).await.unwrap()
}

/// A store that writes, and then answers late, or once not at all.
#[derive(Default)]
struct Odd {
    inner: MemoryStore,
    slow: AtomicBool,
    silent: AtomicBool,
    written: Notify,
}

#[async_trait::async_trait]
impl StateStore for Odd {
    async fn create(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        self.inner.create(key, bytes).await
    }

    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read(key).await
    }

    async fn list(&self, below: &Key) -> Result<Vec<Key>, StoreError> {
        self.inner.list(below).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.inner.delete(key).await
    }

    async fn load(&self, key: &Key) -> Result<(Generation, Option<Vec<u8>>), StoreError> {
        self.inner.load(key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Generation,
        bytes: &[u8],
    ) -> Result<Generation, StoreError> {
        let written = self.inner.swap(key, expected, bytes).await?;
        self.written.notify_one();
        if self.slow.swap(false, Ordering::SeqCst) {
            tokio::time::sleep(LEASE / 10).await;
        }
        if self.silent.swap(false, Ordering::SeqCst) {
            return Err(StoreError::Unavailable {
                action: "write",
                key: key.clone(),
                reason: "the connection was reset".to_owned(),
            });
        }
        Ok(written)
    }
}
