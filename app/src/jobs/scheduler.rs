//! Fills the queue by the clock. Every worker does, and the table has one row a kind and due time.

use std::sync::Arc;
use std::time::Duration;

use super::{Job, queue};
use crate::clock::Clock;
use crate::database::{Actor, Database, Timestamp, Work};
use crate::http::ApiError;

/// Another database may be in the place of this one meanwhile, and know less: the table is asked at least this often.
const LOOK: Duration = Duration::from_secs(60);

/// One a worker and kind.
pub struct Scheduler {
    database: Database,
    clock: Clock,
    job: Arc<dyn Job>,
    /// Nothing is looked for before; None: nobody has looked yet.
    next: Option<Timestamp>,
}

impl Scheduler {
    pub fn new(database: Database, clock: Clock, job: Arc<dyn Job>) -> Self {
        Self {
            database,
            clock,
            job,
            next: None,
        }
    }

    /// Schedules what is due; how many that nobody had scheduled.
    pub async fn round(&mut self) -> Result<usize, ApiError> {
        let reader = self.database.read()?;
        let now = self.clock.now(reader.engine()).await?;
        if self.next.is_some_and(|next| now < next) {
            return Ok(0);
        }
        let (kind, schedule) = (self.job.kind(), self.job.schedule());
        let Some(last) = queue::last(&reader, kind).await? else {
            return Ok(0);
        };
        drop(reader);
        let missed = schedule.missed(last, now);
        let scheduled = self.schedule(kind, &missed, now).await?;
        self.next = Some(schedule.next(now).min(now.plus(LOOK)));
        Ok(scheduled)
    }

    async fn schedule(
        &self,
        kind: &str,
        missed: &[Timestamp],
        now: Timestamp,
    ) -> Result<usize, ApiError> {
        if missed.is_empty() {
            return Ok(0);
        }
        let writer = self.database.write()?;
        let mut work = Work::begin(&writer, Actor::default()).await?;
        let mut scheduled = 0;
        for due in missed {
            scheduled += usize::from(queue::schedule(&mut work, kind, *due, now).await?);
        }
        work.commit().await?;
        Ok(scheduled)
    }
}
