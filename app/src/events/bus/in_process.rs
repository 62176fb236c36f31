//! The bus of one process: publisher and subscribers are in it together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::{Bus, Event};

/// Wakes the subscribers of this process.
#[derive(Debug, Default)]
pub struct InProcess {
    waiting: Mutex<BTreeMap<&'static str, Arc<Notify>>>,
}

impl InProcess {
    fn of(&self, subscriber: &'static str) -> Arc<Notify> {
        let mut waiting = self
            .waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Arc::clone(waiting.entry(subscriber).or_default())
    }
}

#[async_trait]
impl Bus for InProcess {
    async fn publish(&self, _events: &[Event]) {
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        waiting.values().for_each(|one| one.notify_one());
    }

    async fn wait(&self, subscriber: &'static str) {
        self.of(subscriber).notified().await;
    }

    async fn looked(&self, _subscriber: &'static str) {}
}
