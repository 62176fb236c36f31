//! Slows down who guesses passwords, account by account. Counted by the name that was tried, before anybody looks whether it
//! exists, so the slowness says nothing about that. Lives in this process: replicas count on their own.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Wrong passwords in a row that cost nothing: people mistype.
const FREE: u32 = 5;
/// After the first one too many; doubled by each after it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A name that nobody tried for this long is forgotten.
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Names kept at once; at about 100 bytes each.
const MOST: usize = 100_000;

#[derive(Debug)]
struct Attempts {
    failed: u32,
    last: Instant,
}

impl Attempts {
    fn wait(&self) -> Duration {
        match self.failed.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(beyond) => FIRST_WAIT
                .saturating_mul(2_u32.saturating_pow(beyond))
                .min(LONGEST_WAIT),
        }
    }
}

/// The names that were tried lately.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Attempts>>);

impl Throttle {
    /// Counts an attempt in as failed, until `succeeded` says otherwise: attempts at the same moment are all counted.
    ///
    /// # Errors
    /// How long to wait, where there were too many.
    pub fn attempt(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let mut names = self.names();
        if names.len() >= MOST {
            names.retain(|_, attempts| now.duration_since(attempts.last) < FORGET);
        }
        if names.len() >= MOST && !names.contains_key(name) {
            return Err(LONGEST_WAIT);
        }
        let attempts = names.entry(name.to_owned()).or_insert(Attempts {
            failed: 0,
            last: now,
        });
        let since = now.duration_since(attempts.last);
        if since >= FORGET {
            attempts.failed = 0;
        }
        let left = attempts.wait().saturating_sub(since);
        if !left.is_zero() {
            return Err(left);
        }
        attempts.failed = attempts.failed.saturating_add(1);
        attempts.last = now;
        Ok(())
    }

    /// The right password was given: the name starts anew.
    pub fn succeeded(&self, name: &str) {
        self.names().remove(name);
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashMap<String, Attempts>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_becomes_slow_and_the_right_password_ends_that() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        for _ in 0..FREE {
            assert_eq!(throttle.attempt("a", now), Ok(()));
        }
        assert_eq!(throttle.attempt("a", now), Err(FIRST_WAIT));
        assert_eq!(throttle.attempt("b", now), Ok(()));
        now += FIRST_WAIT;
        assert_eq!(throttle.attempt("a", now), Ok(()));
        assert_eq!(throttle.attempt("a", now), Err(FIRST_WAIT * 2));
        for _ in 0..20 {
            now += LONGEST_WAIT;
            assert_eq!(throttle.attempt("a", now), Ok(()));
        }
        assert_eq!(throttle.attempt("a", now), Err(LONGEST_WAIT));
        throttle.succeeded("a");
        assert_eq!(throttle.attempt("a", now), Ok(()));
    }
}
