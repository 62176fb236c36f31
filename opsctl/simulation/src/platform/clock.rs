//! A clock for tests. Never moves by itself.

use std::sync::{Arc, Mutex, PoisonError};

use opsctl_core::clock::{Clock, Timestamp};

/// A clock that stands still until a test moves it.
#[derive(Debug, Clone)]
pub struct StillClock(Arc<Mutex<Timestamp>>);

impl StillClock {
    /// One that stands at this moment.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves it.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
