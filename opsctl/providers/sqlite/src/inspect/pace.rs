//! How fast the live database is read, and for how long at most.

use std::time::{Duration, Instant};

use opsctl_core::ports::Reading;
use opsctl_core::{Failure, Result};

/// Rows between two looks at the clock.
const STRIDE: u64 = 4096;

/// Breathes while reading: a fifth of the time is left to others.
#[derive(Debug)]
pub(super) struct Pace {
    limit: Option<(Instant, Duration)>,
    since: Instant,
    rows: u64,
}

impl Pace {
    /// Starts the clock.
    pub(super) fn new(reading: Reading) -> Self {
        let now = Instant::now();
        let limit = match reading {
            Reading::Live { limit } => Some((now, limit)),
            Reading::Copy => None,
        };
        Self {
            limit,
            since: now,
            rows: 0,
        }
    }

    /// Called with every row.
    ///
    /// # Errors
    /// When the time is over.
    pub(super) async fn row(&mut self) -> Result<()> {
        self.rows += 1;
        match self.limit {
            Some((begun, limit)) if self.rows.is_multiple_of(STRIDE) => {
                within(begun, limit)?;
                tokio::time::sleep(self.since.elapsed() / 4).await;
                self.since = Instant::now();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Called when a table begins: what was spent elsewhere is no reason to rest.
    ///
    /// # Errors
    /// When the time is over.
    pub(super) fn begin(&mut self) -> Result<()> {
        self.since = Instant::now();
        self.limit
            .map_or(Ok(()), |(begun, limit)| within(begun, limit))
    }
}

fn within(begun: Instant, limit: Duration) -> Result<()> {
    if begun.elapsed() < limit {
        return Ok(());
    }
    Err(Failure::failed(format!(
        "reading the live database took longer than {} s",
        limit.as_secs()
    ))
    .hint("raise drill.source_read_limit in opsctl.yaml"))
}
