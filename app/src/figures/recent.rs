//! The last minutes of this process, for whoever looks at it now. Counts nothing itself: it remembers what the counters said
//! every few seconds, and what lies between two of those is what happened between them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::DayTraffic;
use super::traffic::BOUNDS;
use crate::http::AppState;

const EVERY: Duration = Duration::from_secs(10);
/// Five minutes, and where they began.
const MOST: usize = 31;

/// One a process.
#[derive(Debug)]
pub struct Recent {
    began: Instant,
    seen: Mutex<VecDeque<Seen>>,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            seen: Mutex::default(),
        }
    }
}

/// What the counters said at one moment, counted from the start.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    at: Instant,
    traffic: [(u64, u64); BOUNDS.len()],
    hits: u64,
    misses: u64,
}

/// What happened lately.
#[derive(Debug, Clone, PartialEq)]
pub struct Lately {
    /// How long that is; five minutes at most.
    pub lasted: Duration,
    pub traffic: DayTraffic,
    pub hits: u64,
    pub misses: u64,
    /// Requests a second, of each ten seconds, the newest last.
    pub rates: Vec<f64>,
}

impl Recent {
    /// How long this process has run.
    pub fn up(&self) -> Duration {
        self.began.elapsed()
    }

    /// Everything between the oldest moment that is remembered and now.
    pub fn lately(&self, state: &AppState) -> Lately {
        let mut seen: Vec<Seen> = self.seen().iter().copied().collect();
        seen.push(Seen::now(state));
        between(&seen)
    }

    fn remember(&self, now: Seen) {
        let mut seen = self.seen();
        if seen.len() == MOST {
            seen.pop_front();
        }
        seen.push_back(now);
    }

    fn seen(&self) -> MutexGuard<'_, VecDeque<Seen>> {
        self.seen
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Seen {
    fn now(state: &AppState) -> Self {
        let (hits, misses) = state.cache.totals();
        Self {
            at: Instant::now(),
            traffic: state.traffic.totals(),
            hits,
            misses,
        }
    }

    fn requests(&self) -> u64 {
        self.traffic.iter().map(|(requests, _)| requests).sum()
    }
}

/// Counters that are read while they move may seem to go back by one: that is nought.
fn between(seen: &[Seen]) -> Lately {
    let (first, last) = (seen[0], seen[seen.len() - 1]);
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let bucket = |at: usize| {
        let (before, after) = (first.traffic[at], last.traffic[at]);
        (
            i32::try_from(BOUNDS[at]).unwrap_or(i32::MAX),
            number(after.0.saturating_sub(before.0)),
            number(after.1.saturating_sub(before.1)),
        )
    };
    Lately {
        lasted: last.at - first.at,
        traffic: DayTraffic::new((0..BOUNDS.len()).map(bucket).collect()),
        hits: last.hits.saturating_sub(first.hits),
        misses: last.misses.saturating_sub(first.misses),
        rates: seen.windows(2).filter_map(rate).collect(),
    }
}

/// None for less than a second: it says nothing.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(pair: &[Seen]) -> Option<f64> {
    let seconds = (pair[1].at - pair[0].at).as_secs_f64();
    let requests = pair[1].requests().saturating_sub(pair[0].requests());
    (seconds >= 1.0).then(|| requests as f64 / seconds)
}

/// Remembers every few seconds, until `stop` says so.
pub async fn observe(state: AppState, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => state.recent.remember(Seen::now(&state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lately_is_what_lies_between_the_first_and_the_last_look() {
        let start = Instant::now();
        let seen = |seconds: u64, requests: u64, hits: u64| {
            let mut traffic = [(0, 0); BOUNDS.len()];
            traffic[2] = (requests, requests / 10);
            Seen {
                at: start + Duration::from_secs(seconds),
                traffic,
                hits,
                misses: 0,
            }
        };
        let lately = between(&[seen(0, 100, 5), seen(10, 150, 4), seen(20, 200, 25)]);
        assert_eq!(lately.lasted, Duration::from_secs(20));
        assert_eq!(lately.traffic.requests(), 100);
        assert_eq!(lately.traffic.failed().part, 10);
        assert_eq!((lately.hits, lately.misses), (20, 0));
        assert_eq!(lately.rates, [5.0, 5.0]);
        let alone = between(&[seen(0, 7, 7)]);
        assert_eq!(alone.traffic.requests(), 0);
        assert!(alone.rates.is_empty() && alone.traffic.within(50).is_none());
    }
}
