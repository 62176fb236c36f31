//! A state store in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use opsctl_core::state::{Generation, Key, StateStore, StoreError};

/// Objects and registers, as durable as the test.
#[derive(Debug, Default)]
pub struct MemoryStore {
    content: Mutex<Content>,
}

#[derive(Debug, Default)]
struct Content {
    objects: BTreeMap<Key, Vec<u8>>,
    registers: BTreeMap<Key, (Generation, Vec<u8>)>,
}

impl MemoryStore {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts an object short, as a torn write would.
    pub fn tear(&self, key: &Key) {
        if let Some(bytes) = self.content().objects.get_mut(key) {
            bytes.truncate(bytes.len() / 2);
        }
    }
}

#[async_trait]
impl StateStore for MemoryStore {
    async fn create(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        let mut content = self.content();
        if content.objects.contains_key(key) {
            return Err(StoreError::Conflict(key.clone()));
        }
        content.objects.insert(key.clone(), bytes.to_vec());
        Ok(())
    }

    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content().objects.get(key).cloned())
    }

    async fn list(&self, below: &Key) -> Result<Vec<Key>, StoreError> {
        let prefix = match below.as_str() {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let content = self.content();
        Ok(content
            .objects
            .keys()
            .filter(|key| key.as_str().starts_with(&prefix))
            .cloned()
            .collect())
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.content().objects.remove(key);
        Ok(())
    }

    async fn load(&self, key: &Key) -> Result<(Generation, Option<Vec<u8>>), StoreError> {
        let content = self.content();
        Ok(content
            .registers
            .get(key)
            .map_or((0, None), |(n, bytes)| (*n, Some(bytes.clone()))))
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Generation,
        bytes: &[u8],
    ) -> Result<Generation, StoreError> {
        let mut content = self.content();
        let current = content
            .registers
            .get(key)
            .map_or(0, |(generation, _)| *generation);
        if current != expected {
            return Err(StoreError::Conflict(key.clone()));
        }
        content
            .registers
            .insert(key.clone(), (expected + 1, bytes.to_vec()));
        Ok(expected + 1)
    }
}
