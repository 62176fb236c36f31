//! Copies in the memory of this process, for five minutes, within a bound. Of many requests for the same thing one asks the
//! database and the others wait for it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use moka::future::Cache;

use super::engine::{Engine, Key, Load, Loaded, Place};
use super::{Entry, Subject};
use crate::http::ApiError;

/// As the contract says of a profile.
pub(super) const LASTS: Duration = Duration::from_secs(300);
/// Bytes of all copies.
const MOST: u64 = 16 * 1024 * 1024;
/// Bytes that a copy takes beside its body.
const AROUND: usize = 250;

/// Why a reader brought nothing; told to everybody who waited for it.
#[derive(Debug)]
enum Nothing {
    NotThere,
    Failed(Arc<ApiError>),
}

/// The copies.
#[derive(Debug, Clone)]
pub struct Memory(Cache<Key, Arc<Entry>>);

impl Default for Memory {
    fn default() -> Self {
        let weigh = |_: &Key, entry: &Arc<Entry>| {
            u32::try_from(entry.answer.body().len() + AROUND).unwrap_or(u32::MAX)
        };
        let copies = Cache::builder().max_capacity(MOST).weigher(weigh);
        Self(copies.time_to_live(LASTS).build())
    }
}

#[async_trait]
impl Engine for Memory {
    fn place(&self) -> Place {
        Place::Here
    }

    fn at_hand(&self, key: &Key) -> Option<Arc<Entry>> {
        // Looking never waits.
        self.0.get(key).now_or_never().flatten()
    }

    async fn find(&self, key: Key, load: Load<'_>) -> Loaded {
        let loading = async {
            match load.await {
                Ok(Some(entry)) => Ok(entry),
                Ok(None) => Err(Nothing::NotThere),
                Err(error) => {
                    error.log();
                    Err(Nothing::Failed(Arc::new(error)))
                }
            }
        };
        match self.0.try_get_with(key, loading).await {
            Ok(entry) => Ok(Some(entry)),
            Err(nothing) => match &*nothing {
                Nothing::NotThere => Ok(None),
                Nothing::Failed(error) => Err(ApiError::Shared(Arc::clone(error))),
            },
        }
    }

    fn owe(&self, _subjects: &[Subject]) {}

    async fn settle(&self) {}
}
