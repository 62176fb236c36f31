//! How fast the live database is read, and for how long at most.

use std::time::{Duration, Instant};

use opsctl_core::ports::Reading;
use opsctl_core::{Failure, Result};

/// The budget of one session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    limit: Option<(Instant, Duration)>,
}

impl Pace {
    /// Starts the clock.
    pub(super) fn new(reading: Reading) -> Self {
        let limit = match reading {
            Reading::Live { limit } => Some((Instant::now(), limit)),
            Reading::Copy => None,
        };
        Self { limit }
    }

    /// True for the live database.
    pub(super) const fn is_live(&self) -> bool {
        self.limit.is_some()
    }

    /// What is left for the next statement; `None` where nothing presses.
    ///
    /// # Errors
    /// When the time is over.
    pub(super) fn left(&self) -> Result<Option<Duration>> {
        let Some((begun, limit)) = self.limit else {
            return Ok(None);
        };
        match limit.checked_sub(begun.elapsed()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(Failure::failed(format!(
                "reading the live database took longer than {} s",
                limit.as_secs()
            ))
            .hint("raise drill.source_read_limit in opsctl.yaml")),
        }
    }

    /// Leaves a fifth of the time to others.
    pub(super) async fn rest(&self, after: Duration) {
        if self.is_live() {
            tokio::time::sleep(after / 4).await;
        }
    }
}
