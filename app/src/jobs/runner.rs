//! Works on what is due of one kind. Any number may run for the same one: each job is in one hand at a time, who says so again
//! and again while at it; what a killed process held is taken up again a minute later.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, histogram};
use tracing::Instrument;

use super::queue::{self, Claim, Claimed, End};
use super::{Due, Job};
use crate::clock::Clock;
use crate::database::{Actor, Database, LeaseId, Timestamp, Work};
use crate::events::{Next, TRIES, after};
use crate::http::ApiError;
use crate::telemetry::traces::SPANS;

/// After this long without a word, whoever held a job is taken for dead.
const LEASE: Duration = Duration::from_secs(60);
/// Between two words, by default.
pub(super) const SAYS_EVERY: Duration = Duration::from_secs(15);

/// Jobs that ended, by kind and how.
const ENDED: &str = "jobs_total";
/// Seconds that a try took, by kind.
const SECONDS: &str = "job_duration_seconds";

/// One a worker and kind.
#[derive(Clone)]
pub struct Runner {
    pub database: Database,
    pub clock: Clock,
    pub job: Arc<dyn Job>,
    /// How often it says that it is still at its job: much less than the minute after which it is taken for dead.
    pub says_every: Duration,
}

/// What is in hand.
#[derive(Clone, Copy)]
struct Hand {
    claimed: Claimed,
    lease: LeaseId,
    now: Timestamp,
}

impl Runner {
    /// Tries one job, if one is due. False where none was.
    pub async fn round(&self) -> Result<bool, ApiError> {
        let reader = self.database.read()?;
        let now = self.clock.now(reader.engine()).await?;
        // Asked first and of a reader: an idle process writes nothing, and waits for no writer.
        if !queue::is_waiting(&reader, self.job.kind(), now).await? {
            return Ok(false);
        }
        drop(reader);
        let Some(hand) = self.claim().await? else {
            return Ok(false);
        };
        let span = tracing::info_span!(target: SPANS, "job", otel.kind = "consumer", kind = self.job.kind(),
            job = %hand.claimed.id, scheduled_at = hand.claimed.scheduled_at.with_milliseconds(), attempt = hand.claimed.attempts);
        self.work_on(hand).instrument(span).await?;
        Ok(true)
    }

    async fn claim(&self) -> Result<Option<Hand>, ApiError> {
        let writer = self.database.write()?;
        let (now, lease) = (self.clock.now(writer.engine()).await?, LeaseId::new());
        let mut work = Work::begin(&writer, Actor::default()).await?;
        let claim = Claim {
            kind: self.job.kind(),
            now,
            until: now.plus(LEASE),
            lease,
        };
        let claimed = queue::claim(&mut work, claim).await?;
        work.commit().await?;
        Ok(claimed.map(|claimed| Hand {
            claimed,
            lease,
            now,
        }))
    }

    async fn work_on(&self, hand: Hand) -> Result<(), ApiError> {
        if hand.claimed.attempts > TRIES {
            let why = "whoever worked on it was killed, again and again";
            return self.give_up(hand, why).await;
        }
        let began = Instant::now();
        let ran = tokio::select! {
            ran = self.run(hand) => ran,
            () = self.hold(hand) => return Ok(()),
        };
        histogram!(SECONDS, "kind" => self.job.kind()).record(began.elapsed());
        match ran {
            Ok(()) => self.done(hand).await,
            // It stands aside or has lost its database: no failure, and nothing that could be written down.
            Err(ApiError::Unavailable(_)) => Ok(()),
            Err(error) => self.put_off(hand, &why(&error)).await,
        }
    }

    async fn run(&self, hand: Hand) -> Result<(), ApiError> {
        let due = Due {
            scheduled_at: hand.claimed.scheduled_at,
            now: hand.now,
        };
        let running = AssertUnwindSafe(self.job.run(due)).catch_unwind();
        let panicked = || ApiError::Panicked("the job panicked".into());
        running.await.unwrap_or_else(|_panic| Err(panicked()))
    }

    /// Says that somebody is at it, and returns when it is somebody else.
    async fn hold(&self, hand: Hand) {
        loop {
            tokio::time::sleep(self.says_every).await;
            // Where nothing can be said, whoever takes it for dead is harmless.
            if let Ok(false) = self.renew(hand).await {
                let (kind, job) = (self.job.kind(), hand.claimed.id);
                tracing::warn!(kind, job = %job, "a job is left to somebody else");
                return;
            }
        }
    }

    async fn renew(&self, hand: Hand) -> Result<bool, ApiError> {
        let writer = self.database.write()?;
        let until = self.clock.now(writer.engine()).await?.plus(LEASE);
        let mut work = Work::begin(&writer, Actor::default()).await?;
        let ours = queue::renew(&mut work, hand.claimed.id, hand.lease, until).await?;
        work.commit().await?;
        Ok(ours)
    }

    async fn done(&self, hand: Hand) -> Result<(), ApiError> {
        self.end(hand, End::Done).await?;
        counter!(ENDED, "kind" => self.job.kind(), "outcome" => "done").increment(1);
        Ok(())
    }

    async fn give_up(&self, hand: Hand, error: &str) -> Result<(), ApiError> {
        self.end(hand, End::Dead(error)).await?;
        counter!(ENDED, "kind" => self.job.kind(), "outcome" => "dead").increment(1);
        let (kind, job, attempt) = (self.job.kind(), hand.claimed.id, hand.claimed.attempts);
        tracing::error!(kind, job = %job, attempt, error, "a job is given up: GET /api/admin/jobs");
        Ok(())
    }

    async fn end(&self, hand: Hand, end: End<'_>) -> Result<(), ApiError> {
        let writer = self.database.write()?;
        let now = self.clock.now(writer.engine()).await?;
        let mut work = Work::begin(&writer, Actor::default()).await?;
        queue::end(&mut work, (hand.claimed.id, hand.lease), end, now).await?;
        Ok(work.commit().await?)
    }

    async fn put_off(&self, hand: Hand, error: &str) -> Result<(), ApiError> {
        let claimed = hand.claimed;
        let Next::Again(pause) = after(claimed.attempts, false, claimed.id.0) else {
            return self.give_up(hand, error).await;
        };
        let writer = self.database.write()?;
        let at = self.clock.now(writer.engine()).await?.plus(pause);
        let mut work = Work::begin(&writer, Actor::default()).await?;
        queue::again(&mut work, (claimed.id, hand.lease), at, error).await?;
        work.commit().await?;
        counter!(ENDED, "kind" => self.job.kind(), "outcome" => "failed").increment(1);
        let (kind, job, attempt, seconds) = (
            self.job.kind(),
            claimed.id,
            claimed.attempts,
            pause.as_secs(),
        );
        tracing::warn!(kind, job = %job, attempt, seconds, error, "a job failed and is tried again");
        Ok(())
    }
}

/// For whoever reads the list: what the database said, too.
fn why(error: &ApiError) -> String {
    match error {
        ApiError::Database(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// Names what is measured of a kind, so that the first one is a change.
pub(super) fn recorded(kind: &'static str) {
    describe_counter!(ENDED, "Tries of jobs that ended, by kind and outcome");
    describe_histogram!(SECONDS, "Seconds that a try of a job took");
    describe_gauge!("jobs", "Jobs that are not done, by state");
    for outcome in ["done", "failed", "dead"] {
        counter!(ENDED, "kind" => kind, "outcome" => outcome).absolute(0);
    }
}
