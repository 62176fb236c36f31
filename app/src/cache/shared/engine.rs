//! The engine: copies at hand, copies in Redis, the database, in this order.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use redis::{RedisError, RedisResult};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

use super::debts::Debts;
use super::link::{Found, Link};
use crate::cache::engine::{Engine, Key, Load, Loaded, Place};
use crate::cache::{Entry, Epochs, Memory, Stamp, Subject};
use crate::database::Database;

/// Shared by the engine and by the task that keeps it connected.
#[derive(Debug)]
pub(super) struct Inside {
    pub link: ArcSwapOption<Link>,
    pub broken: Notify,
    pub debts: Debts,
    /// One tells at a time: whoever comes second waits until what it owes was told, also by somebody else.
    telling: Mutex<()>,
    pub epochs: Arc<Epochs>,
    database: Database,
}

/// `CACHE=redis`.
#[derive(Debug, Clone)]
pub struct Redis {
    memory: Memory,
    pub(super) inside: Arc<Inside>,
}

impl Redis {
    /// Not connected: `keep` does that.
    pub fn new(database: Database, epochs: Arc<Epochs>) -> Self {
        let inside = Inside {
            link: ArcSwapOption::empty(),
            broken: Notify::new(),
            debts: Debts::default(),
            telling: Mutex::new(()),
            epochs,
            database,
        };
        Self {
            memory: Memory::default(),
            inside: Arc::new(inside),
        }
    }

    /// Whether copies are used at the moment.
    pub fn is_connected(&self) -> bool {
        self.inside.link().is_some()
    }
}

impl Inside {
    fn link(&self) -> Option<Arc<Link>> {
        self.link.load_full().filter(|link| link.is_alive())
    }

    fn lineage(&self) -> Option<Uuid> {
        Some(self.database.identity()?.lineage_id)
    }

    fn stamp(&self, subject: Subject) -> Stamp {
        self.epochs.stamp(&[subject]).and(self.database.epoch())
    }

    /// Goes on without it, and says so once.
    pub fn give_up(&self, link: &Link, error: &RedisError) {
        if link.kill() {
            let error = error.to_string();
            tracing::warn!(error, "Redis is gone; every reading asks the database");
            metrics::gauge!("cache_shared_up").set(0);
            self.broken.notify_one();
        }
    }

    /// What Redis has, or what the database says, which is left in Redis where nothing changed meanwhile.
    async fn through(&self, link: &Link, key: Key, load: Load<'_>) -> Loaded {
        let Some(lineage) = self.lineage() else {
            return load.await;
        };
        let found = link.look(lineage, key.subject).await;
        let token = match found {
            Ok(Found::Copy(entry)) => return Ok(Some(entry)),
            Ok(Found::Lease(token)) => Some(token),
            Ok(Found::Nothing) => None,
            Err(error) => {
                self.give_up(link, &error);
                None
            }
        };
        let loaded = load.await?;
        // Under another stamp it may be of another database.
        if let (Some(token), Some(entry)) = (token, &loaded)
            && self.stamp(key.subject) == key.stamp
            && let Err(error) = link.leave(lineage, key.subject, &token, entry).await
        {
            self.give_up(link, &error);
        }
        Ok(loaded)
    }

    /// Tells what is owed.
    pub async fn settle(&self, link: &Link) -> RedisResult<()> {
        let _one_at_a_time = self.telling.lock().await;
        let Some(lineage) = self.lineage() else {
            return Ok(());
        };
        let owed = self.debts.take();
        let telling = owed.subjects().map(|subject| link.change(lineage, subject));
        futures::future::try_join_all(telling).await?;
        owed.told();
        Ok(())
    }
}

#[async_trait]
impl Engine for Redis {
    fn place(&self) -> Place {
        match self.is_connected() {
            true => Place::Shared,
            false => Place::OutOfReach,
        }
    }

    fn at_hand(&self, key: &Key) -> Option<Arc<Entry>> {
        // Who hears of no changes believes nothing.
        let link = self.inside.link.load();
        let hears = link.as_ref().is_some_and(|link| link.is_alive());
        hears.then(|| self.memory.at_hand(key)).flatten()
    }

    async fn find(&self, key: Key, load: Load<'_>) -> Loaded {
        let Some(link) = self.inside.link() else {
            return load.await;
        };
        let inside = &self.inside;
        // Redis may still have what this process knows to be changed.
        if !inside.debts.are_settled() {
            return load.await;
        }
        let through = Box::pin(async move { inside.through(&link, key, load).await });
        self.memory.find(key, through).await
    }

    fn owe(&self, subjects: &[Subject]) {
        self.inside.debts.owe(subjects);
    }

    async fn settle(&self) {
        let Some(link) = self.inside.link() else {
            return;
        };
        if let Err(error) = self.inside.settle(&link).await {
            self.inside.give_up(&link, &error);
        }
    }
}
