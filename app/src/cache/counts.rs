//! How often a copy was there, and how often the database had to be asked: as a metric, and as one line a minute.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::{Cache, Subject};
use crate::telemetry::metrics::look_ups::{Found, looked_up};

const INTERVAL: Duration = Duration::from_secs(60);

/// Since the start, and how much of it the last line has told.
#[derive(Debug, Default)]
pub(super) struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    told_hits: AtomicU64,
    told_misses: AtomicU64,
}

impl Counts {
    pub fn hit(&self, subject: Subject) {
        self.hits.fetch_add(1, Ordering::Relaxed);
        looked_up(subject.cache(), Found::Hit);
    }

    pub fn miss(&self, subject: Subject) {
        self.misses.fetch_add(1, Ordering::Relaxed);
        looked_up(subject.cache(), Found::Miss);
    }

    /// Hits and misses since the start.
    pub fn totals(&self) -> (u64, u64) {
        let hits = self.hits.load(Ordering::Relaxed);
        (hits, self.misses.load(Ordering::Relaxed))
    }

    /// Says what was missed since it was last asked to; a line for each miss would say nothing more.
    fn say(&self) {
        let (all_hits, all_misses) = self.totals();
        let hits = all_hits - self.told_hits.swap(all_hits, Ordering::Relaxed);
        let misses = all_misses - self.told_misses.swap(all_misses, Ordering::Relaxed);
        if misses > 0 {
            tracing::warn!(hits, misses, "requests missed the cache");
        }
    }
}

/// Says it once a minute, until `stop` says so.
pub async fn report(cache: std::sync::Arc<Cache>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => cache.counts().say(),
        }
    }
}
