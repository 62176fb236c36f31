//! Chooses where copies are kept, and starts what that needs beside the requests.

use std::sync::Arc;

use tokio::sync::watch;

use crate::cache::shared::{Redis, keep};
use crate::cache::{self, Cache, Engine, Epochs, Memory, Off};
use crate::config::{CacheKind, Config, Role};
use crate::database::Database;
use crate::secrets::Live;

/// The cache of this process; its tasks end with `stopping`.
pub(super) fn cache(
    config: &Config,
    database: &Database,
    secrets: &Live,
    stopping: &watch::Receiver<bool>,
) -> Arc<Cache> {
    let epochs = Arc::new(Epochs::default());
    let engine: Box<dyn Engine> = match config.cache {
        // A probe looks at what is there.
        _ if config.role == Role::Probe => Box::new(Off),
        CacheKind::None => Box::new(Off),
        CacheKind::Memory => Box::new(Memory::default()),
        CacheKind::Redis => {
            let redis = Redis::new(database.clone(), Arc::clone(&epochs));
            tokio::spawn(keep(redis.clone(), secrets.clone(), stopping.clone()));
            Box::new(redis)
        }
    };
    let cache = Arc::new(Cache::new(database.clone(), epochs, engine));
    tokio::spawn(cache::report(Arc::clone(&cache), stopping.clone()));
    cache
}
