//! Remembers when the database was last found not to answer. Connections from before that are asked whether they live before
//! they are used: after a restart of the server none of them does, and each would fail a request of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Shared by a pool and by whoever notices trouble.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    began: Instant,
    /// Milliseconds after `began`; 0: never.
    raised: Arc<AtomicU64>,
}

impl Doubt {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            raised: Arc::default(),
        }
    }

    /// Every connection that exists now is doubtful.
    pub fn raise(&self) {
        self.raised.store(self.now().max(1), Ordering::Relaxed);
    }

    /// Whether a connection of this age is from before the trouble.
    pub fn covers(&self, age: Duration) -> bool {
        let raised = self.raised.load(Ordering::Relaxed);
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        raised > 0 && self.now().saturating_sub(age) <= raised
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_older_than_the_trouble_is_doubted() {
        let doubt = Doubt::new();
        assert!(!doubt.covers(Duration::from_secs(9)));
        doubt.raise();
        assert!(doubt.covers(Duration::from_secs(9)));
        // A connection made from now on is trusted, as soon as the clock has moved.
        while doubt.covers(Duration::ZERO) {
            std::thread::yield_now();
        }
    }
}
