//! What was asked, and every single thing that went wrong.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// As many as a reader looks at.
const TOLD: usize = 12;

/// Counts.
#[derive(Debug)]
pub struct Tally {
    began: Instant,
    asked: AtomicU64,
    connections: AtomicU64,
    slowest: AtomicU64,
    by_kind: Mutex<BTreeMap<&'static str, u64>>,
    failures: Mutex<Vec<String>>,
}

impl Tally {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            asked: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            slowest: AtomicU64::new(0),
            by_kind: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub fn answered(&self, kind: &'static str, took: Duration) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(took.as_millis()).unwrap();
        self.slowest.fetch_max(took, Ordering::Relaxed);
        *self.by_kind.lock().unwrap().entry(kind).or_default() += 1;
    }

    pub fn failed(&self, what: &str) {
        let at = self.began.elapsed().as_secs_f64();
        self.failures
            .lock()
            .unwrap()
            .push(format!("{at:.1} s: {what}"));
    }

    /// How many were answered as they should be.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How many of them were of this kind.
    pub fn of(&self, kind: &str) -> u64 {
        self.by_kind
            .lock()
            .unwrap()
            .get(kind)
            .copied()
            .unwrap_or_default()
    }

    /// How many failed, and the first of them.
    pub fn failures(&self) -> (usize, Vec<String>) {
        let all = self.failures.lock().unwrap();
        (all.len(), all.iter().take(TOLD).cloned().collect())
    }

    /// One line for whoever watches.
    pub fn line(&self, moment: &str) -> String {
        let (at, failed) = (self.began.elapsed().as_secs_f64(), self.failures().0);
        let load = |it: &AtomicU64| it.load(Ordering::Relaxed);
        format!(
            "{at:6.1} s  {moment}: {} requests over {} connections, {failed} failed, the slowest took {} ms\n",
            self.asked(),
            load(&self.connections),
            load(&self.slowest)
        )
    }
}
