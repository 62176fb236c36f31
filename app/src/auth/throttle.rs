//! Slows down who guesses passwords, account by account and address by address. An account is counted by the name that was tried, before anybody looks whether it
//! exists, so the slowness says nothing about that. Lives in this process: replicas count on their own.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// After the first one too many; doubled by each after it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Where no more names can be kept.
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

/// How patient one is.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Wrong passwords that cost nothing: people mistype.
    free: u32,
    longest: Duration,
}

impl Attempts {
    fn fail(&mut self, now: Instant) {
        self.failed = self.failed.saturating_add(1);
        self.last = now;
    }

    fn wait(&self, rule: Rule) -> Duration {
        match self.failed.checked_sub(rule.free) {
            None => Duration::ZERO,
            Some(beyond) => FIRST_WAIT
                .saturating_mul(2_u32.saturating_pow(beyond))
                .min(rule.longest),
        }
    }
}

/// The names that were tried lately.
#[derive(Debug)]
pub struct Throttle {
    rule: Rule,
    names: Mutex<HashMap<String, Attempts>>,
}

impl Throttle {
    /// For the names of accounts: five mistakes in a row.
    pub fn of_accounts() -> Self {
        Self::new(5, LONGEST_WAIT)
    }

    /// For addresses, behind which a whole office may sit: two hundred mistakes, then one every five seconds at worst.
    pub fn of_addresses() -> Self {
        Self::new(200, Duration::from_secs(5))
    }

    fn new(free: u32, longest: Duration) -> Self {
        Self {
            rule: Rule { free, longest },
            names: Mutex::default(),
        }
    }

    /// Counts an attempt in as failed, until `succeeded` says otherwise: attempts at the same moment are all counted.
    ///
    /// # Errors
    /// How long to wait, where there were too many.
    pub fn attempt(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let mut names = self.names();
        let attempts = names_entry(&mut names, name, now)?;
        let left = attempts
            .wait(self.rule)
            .saturating_sub(now.duration_since(attempts.last));
        if !left.is_zero() {
            return Err(left);
        }
        attempts.fail(now);
        Ok(())
    }

    /// Whether this one may try. Counts nothing: many may try at once, and none of them be wrong.
    ///
    /// # Errors
    /// How long to wait, where there were too many.
    pub fn may_try(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let names = self.names();
        let left = names.get(name).map_or(Duration::ZERO, |attempts| {
            let since = now.duration_since(attempts.last);
            attempts.wait(self.rule).saturating_sub(since)
        });
        if left.is_zero() { Ok(()) } else { Err(left) }
    }

    /// The password was wrong.
    pub fn failed(&self, name: &str, now: Instant) {
        let mut names = self.names();
        // Where there is no room, somebody is slowed down already.
        if let Ok(attempts) = names_entry(&mut names, name, now) {
            attempts.fail(now);
        }
    }

    /// The right password was given: the name starts anew.
    pub fn succeeded(&self, name: &str) {
        self.names().remove(name);
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashMap<String, Attempts>> {
        self.names
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The name's attempts, which are forgotten where they were long ago.
fn names_entry<'a>(
    names: &'a mut HashMap<String, Attempts>,
    name: &str,
    now: Instant,
) -> Result<&'a mut Attempts, Duration> {
    let fresh = |attempts: &Attempts| now.duration_since(attempts.last) < FORGET;
    if names.len() >= MOST {
        names.retain(|_, attempts| fresh(attempts));
    }
    if names.len() >= MOST && !names.contains_key(name) {
        return Err(LONGEST_WAIT);
    }
    let attempts = names.entry(name.to_owned()).or_insert(Attempts {
        failed: 0,
        last: now,
    });
    if !fresh(attempts) {
        attempts.failed = 0;
    }
    Ok(attempts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_becomes_slow_and_the_right_password_ends_that() {
        let throttle = Throttle::of_accounts();
        let mut now = Instant::now();
        for _ in 0..5 {
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

    #[test]
    fn an_address_is_slowed_by_wrong_passwords_alone() {
        let throttle = Throttle::of_addresses();
        let now = Instant::now();
        for _ in 0..200 {
            assert_eq!(throttle.may_try("a", now), Ok(()));
            assert_eq!(throttle.may_try("a", now), Ok(()));
            throttle.failed("a", now);
        }
        assert_eq!(throttle.may_try("a", now), Err(FIRST_WAIT));
        assert_eq!(throttle.may_try("a", now + FIRST_WAIT), Ok(()));
        assert_eq!(throttle.may_try("b", now), Ok(()));
    }
}
