//! Stops asking somebody who does not answer. After a few failures in a row nobody is asked for a moment; then one is sent
//! ahead, and when it comes back well everybody may go again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row before nobody is asked.
const FAILURES: u32 = 5;
/// Until one is sent ahead.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub struct Breaker(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    failed: u32,
    /// Nobody but the one who is sent ahead asks before this.
    until: Option<Instant>,
}

/// What became of it with this failure or success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Opened,
    Closed,
    Unchanged,
}

impl Breaker {
    /// Whether somebody may ask. Once a pause is over this is said to one, who is waited for as long as a pause lasts.
    pub fn may_ask(&self, now: Instant) -> bool {
        let mut known = self.known();
        match known.until {
            Some(until) if now < until => false,
            Some(_) => {
                known.until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// Whether nobody is asked at the moment.
    pub fn is_open(&self) -> bool {
        self.known().until.is_some()
    }

    pub fn failed(&self, now: Instant) -> Turn {
        let mut known = self.known();
        known.failed = known.failed.saturating_add(1);
        if known.failed < FAILURES {
            return Turn::Unchanged;
        }
        match known.until.replace(now + PAUSE) {
            None => Turn::Opened,
            Some(_) => Turn::Unchanged,
        }
    }

    pub fn succeeded(&self) -> Turn {
        let mut known = self.known();
        known.failed = 0;
        match known.until.take() {
            Some(_) => Turn::Closed,
            None => Turn::Unchanged,
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_asks_after_failures_in_a_row_until_one_was_sent_ahead_and_came_back() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 1..FAILURES {
            assert_eq!(breaker.failed(now), Turn::Unchanged);
            assert!(breaker.may_ask(now));
        }
        assert_eq!(breaker.failed(now), Turn::Opened);
        assert!(breaker.is_open() && !breaker.may_ask(now));
        let later = now + PAUSE;
        assert!(breaker.may_ask(later), "one is sent ahead");
        assert!(!breaker.may_ask(later), "and no other");
        assert_eq!(breaker.failed(later), Turn::Unchanged);
        assert!(!breaker.may_ask(later));
        assert!(breaker.may_ask(later + PAUSE));
        assert_eq!(breaker.succeeded(), Turn::Closed);
        assert!(breaker.may_ask(later) && breaker.may_ask(later) && !breaker.is_open());
    }

    #[test]
    fn a_success_between_failures_lets_them_be_forgotten() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..3 {
            for _ in 1..FAILURES {
                breaker.failed(now);
            }
            assert_eq!(breaker.succeeded(), Turn::Unchanged);
        }
        assert!(breaker.may_ask(now));
    }

    #[test]
    fn one_who_was_sent_ahead_and_never_came_back_is_followed_by_another() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..FAILURES {
            breaker.failed(now);
        }
        assert!(breaker.may_ask(now + PAUSE));
        assert!(breaker.may_ask(now + PAUSE + PAUSE));
    }
}
