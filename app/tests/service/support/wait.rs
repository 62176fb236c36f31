//! Waiting for something to become true, without guessing how long it takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until there is an answer.
pub async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return Ok(answer);
        }
        None.or_else(|| (began.elapsed() < PATIENCE).then_some(()))
            .with_context(|| format!("waited in vain until {what}"))?;
        tokio::time::sleep(PAUSE).await;
    }
}
