//! The job that takes away what is over: events of which everybody was told, jobs that were done, sessions that have ended, and
//! keys that name another request by now. A room says itself what is over; here it is only asked again and again.

use std::time::Duration;

use async_trait::async_trait;

use super::{CatchUp, Due, Job, Schedule, queue};
use crate::clock::Clock;
use crate::database::{Actor, Database, Timestamp, Work};
use crate::http::ApiError;
use crate::{auth, events, idempotency};

/// For looking back at what was done, and when.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// Rows a transaction: others write in between.
const BATCH: i64 = 500;

/// Takes it away.
pub struct Pruning {
    pub database: Database,
    pub clock: Clock,
}

#[async_trait]
impl Job for Pruning {
    fn kind(&self) -> &'static str {
        "prune"
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            every: Duration::from_hours(1),
            at: Duration::from_mins(5),
            catch_up: CatchUp::Latest,
        }
    }

    async fn run(&self, due: Due) -> Result<(), ApiError> {
        let events = events::prune(&self.database, &self.clock).await?;
        let mut rows = [0; 3];
        for (number, over) in Over::ALL.into_iter().enumerate() {
            rows[number] = self.take_away(over, due.now).await?;
        }
        let [jobs, sessions, keys] = rows;
        tracing::debug!(events, jobs, sessions, keys, "what is over was taken away");
        Ok(())
    }
}

/// What is over, but for events.
#[derive(Debug, Clone, Copy)]
enum Over {
    Jobs,
    Sessions,
    Keys,
}

impl Over {
    const ALL: [Self; 3] = [Self::Jobs, Self::Sessions, Self::Keys];

    async fn forget(self, work: &mut Work<'_>, now: Timestamp) -> Result<u64, sqlx::Error> {
        match self {
            Self::Jobs => queue::forget(work, now.minus(KEPT), BATCH).await,
            Self::Sessions => auth::forget_ended(work, now, BATCH).await,
            Self::Keys => idempotency::forget_expired(work, now, BATCH).await,
        }
    }
}

impl Pruning {
    async fn take_away(&self, over: Over, now: Timestamp) -> Result<u64, ApiError> {
        let mut gone = 0;
        loop {
            let writer = self.database.write()?;
            let mut work = Work::begin(&writer, Actor::default()).await?;
            let rows = over.forget(&mut work, now).await?;
            work.commit().await?;
            gone += rows;
            if rows == 0 {
                return Ok(gone);
            }
        }
    }
}
