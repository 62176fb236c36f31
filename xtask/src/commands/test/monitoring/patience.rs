//! Waiting for what comes by itself, with an end.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// How long something may take, and how often is looked.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub within: Duration,
    pub glance: Duration,
}

impl Patience {
    /// Looks until it is so; an error says what did not come.
    pub fn until(self, what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < self.within {
            if is_so()? {
                return Ok(());
            }
            thread::sleep(self.glance);
        }
        bail!("{what} did not come within {} s", self.within.as_secs())
    }
}
