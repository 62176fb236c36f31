//! Counts the requests of this process by how long they took. A request costs two additions; what is counted goes to the
//! database every few minutes, and is lost with a process that is killed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Milliseconds; the last one is longer than any request may take.
pub const BOUNDS: [u32; 14] = [
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000,
];

/// Where the routes of the resources begin.
const RESOURCES: [&str; 2] = ["/api/", "/auth/"];

/// One a process.
#[derive(Debug, Default)]
pub struct Traffic {
    unwritten: Buckets,
    /// What the database has been told of, so that what this process did is known as a whole.
    written: Buckets,
}

type Buckets = [Bucket; BOUNDS.len()];

#[derive(Debug, Default)]
struct Bucket {
    requests: AtomicU64,
    failures: AtomicU64,
}

impl Bucket {
    fn add(&self, requests: u64, failures: u64) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
        self.failures.fetch_add(failures, Ordering::Relaxed);
    }

    fn take_away(&self, requests: u64, failures: u64) {
        self.requests.fetch_sub(requests, Ordering::Relaxed);
        self.failures.fetch_sub(failures, Ordering::Relaxed);
    }

    fn take(&self) -> (u64, u64) {
        let requests = self.requests.swap(0, Ordering::Relaxed);
        (requests, self.failures.swap(0, Ordering::Relaxed))
    }

    fn read(&self) -> (u64, u64) {
        let requests = self.requests.load(Ordering::Relaxed);
        (requests, self.failures.load(Ordering::Relaxed))
    }
}

/// What was counted and not yet written: requests and failures that took at most so many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub up_to_ms: u32,
    pub requests: u64,
    pub failures: u64,
}

impl Traffic {
    /// A request was answered. Only those of the resources count: whether this process is well asks nobody but itself.
    pub fn answered(&self, route: &str, took: Duration, failed_here: bool) {
        if RESOURCES.iter().any(|below| route.starts_with(below)) {
            self.add(took, failed_here.into());
        }
    }

    fn add(&self, took: Duration, failures: u64) {
        let bounds = BOUNDS.iter();
        let bucket = bounds
            .take_while(|bound| took > Duration::from_millis(u64::from(**bound)))
            .count();
        self.unwritten[bucket.min(BOUNDS.len() - 1)].add(1, failures);
    }

    /// Everything since the start: requests and failures of each bucket, in the order of their bounds.
    pub fn totals(&self) -> [(u64, u64); BOUNDS.len()] {
        std::array::from_fn(|at| {
            let (written, unwritten) = (self.written[at].read(), self.unwritten[at].read());
            (written.0 + unwritten.0, written.1 + unwritten.1)
        })
    }

    /// What was counted since this was asked last; the caller's from now on.
    pub fn take(&self) -> Vec<Counted> {
        let buckets = BOUNDS.iter().zip(self.unwritten.iter().zip(&self.written));
        buckets
            .map(|(up_to_ms, (unwritten, written))| {
                let (requests, failures) = unwritten.take();
                written.add(requests, failures);
                Counted {
                    up_to_ms: *up_to_ms,
                    requests,
                    failures,
                }
            })
            .filter(|counted| counted.requests > 0)
            .collect()
    }

    /// Back, because it could not be written.
    pub fn put_back(&self, unwritten: &[Counted]) {
        for counted in unwritten {
            let at = BOUNDS.iter().position(|bound| *bound == counted.up_to_ms);
            if let Some(at) = at {
                let (requests, failures) = (counted.requests, counted.failures);
                self.written[at].take_away(requests, failures);
                self.unwritten[at].add(requests, failures);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_where_its_time_belongs() {
        let traffic = Traffic::default();
        traffic.answered("/health/live", Duration::from_millis(5), false);
        traffic.answered("/api/posts", Duration::from_millis(5), false);
        traffic.add(Duration::from_micros(5001), 1);
        traffic.add(Duration::from_secs(3600), 0);
        let counted = traffic.take();
        let shown: Vec<_> = counted
            .iter()
            .map(|c| (c.up_to_ms, c.requests, c.failures))
            .collect();
        assert_eq!(shown, [(5, 1, 0), (10, 1, 1), (60_000, 1, 0)]);
        assert_eq!(traffic.take(), []);
        let totals = traffic.totals();
        assert_eq!((totals[2], totals[3], totals[13]), ((1, 0), (1, 1), (1, 0)));
        traffic.put_back(&counted);
        assert_eq!(traffic.totals(), totals);
        assert_eq!(traffic.take(), counted);
    }
}
