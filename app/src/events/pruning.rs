//! Takes away what is over: events of which everybody was told a week ago. What was given up stays until somebody cured it.

use std::time::Duration;

use super::outbox;
use crate::clock::Clock;
use crate::database::{Actor, Database, Work};
use crate::http::ApiError;

/// For looking back at what was delivered, and when.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// Events a transaction: others write in between.
const BATCH: i64 = 500;

/// Prunes; how many events went.
pub async fn prune(database: &Database, clock: &Clock) -> Result<u64, ApiError> {
    let mut pruned = 0;
    loop {
        let writer = database.write()?;
        let before = clock.now(writer.engine()).await?.minus(KEPT);
        let mut work = Work::begin(&writer, Actor::default()).await?;
        let gone = outbox::forget(&mut work, before, BATCH).await?;
        work.commit().await?;
        pruned += gone;
        if gone == 0 {
            return Ok(pruned);
        }
    }
}
