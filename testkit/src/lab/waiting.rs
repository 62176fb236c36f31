//! Waiting for what others do.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long any part may take on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(120);

/// Asks until the answer is yes; an error ends the waiting.
pub fn until(what: &str, mut asked: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !asked()? {
        if began.elapsed() > LIMIT {
            bail!("after {} s it is still not so: {what}", LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
