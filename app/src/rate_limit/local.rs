//! Counts in this process. Shards, so that requests on different cores seldom wait for each other; minutes that are over are
//! swept when a shard has grown.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::quota::{Count, MINUTE, Quotas, Whom};

const SHARDS: usize = 64;
/// From this size on a shard is swept before it grows.
const SWEPT_FROM: usize = 1024;

#[derive(Debug, Clone, Copy)]
struct Minute {
    began: Instant,
    used: u32,
}

#[derive(Debug, Default)]
struct Shard {
    minutes: HashMap<Whom, Minute>,
    swept_at: usize,
}

/// The counters of a process.
#[derive(Debug)]
pub struct Local {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
}

impl Default for Local {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Local {
    /// Counts one request at `now`.
    pub fn count(&self, quotas: Quotas, whom: Whom, now: Instant) -> Count {
        let at = usize::try_from(self.hasher.hash_one(whom)).unwrap_or_default() % SHARDS;
        let mut shard = self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        shard.sweep(now);
        let fresh = Minute {
            began: now,
            used: 0,
        };
        let minute = shard.minutes.entry(whom).or_insert(fresh);
        if now.saturating_duration_since(minute.began) >= MINUTE {
            *minute = fresh;
        }
        minute.used = minute.used.saturating_add(1);
        let elapsed = now.saturating_duration_since(minute.began);
        Count {
            limit: quotas.of(whom),
            used: minute.used,
            resets_in: MINUTE.saturating_sub(elapsed),
        }
    }
}

impl Shard {
    /// Each time it has doubled: what it costs is spread over the requests that made it grow.
    fn sweep(&mut self, now: Instant) {
        if self.minutes.len() < SWEPT_FROM.max(self.swept_at * 2) {
            return;
        }
        self.minutes
            .retain(|_, minute| now.saturating_duration_since(minute.began) < MINUTE);
        self.swept_at = self.minutes.len();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use super::*;

    const QUOTAS: Quotas = Quotas {
        of_user: 2,
        of_address: 2,
    };

    fn whom(number: u32) -> Whom {
        Whom::at(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn what_is_allowed_is_allowed_once_a_minute_and_to_each() {
        let (local, now) = (Local::default(), Instant::now());
        let over = |number, at| local.count(QUOTAS, whom(number), at).is_over();
        assert!(!over(1, now) && !over(1, now) && over(1, now));
        assert!(!over(2, now));
        let almost = now + MINUTE.saturating_sub(Duration::from_millis(1));
        assert!(over(1, almost));
        assert!(!over(1, now + MINUTE));
    }

    #[test]
    fn whoever_came_once_is_not_remembered_for_ever() {
        let (local, mut now) = (Local::default(), Instant::now());
        for minute in 0..4 {
            for number in 0..100_000 {
                local.count(QUOTAS, whom(minute * 100_000 + number), now);
            }
            now += MINUTE;
        }
        let kept: usize = local
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().minutes.len())
            .sum();
        assert!(kept < 250_000, "{kept}");
    }
}
