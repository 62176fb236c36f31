//! What a room brings that has something to do by the clock.

use async_trait::async_trait;

use super::Schedule;
use crate::database::Timestamp;
use crate::http::ApiError;

/// One kind of job.
#[async_trait]
pub trait Job: Send + Sync {
    /// Its name in the table, for good.
    fn kind(&self) -> &'static str;

    /// When it is due.
    fn schedule(&self) -> Schedule;

    /// Does it. Whoever did it before may have been killed at any point, or may still be at it and not know yet that it is not
    /// theirs any more: doing it twice must harm nothing.
    async fn run(&self, due: Due) -> Result<(), ApiError>;
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When it was due by its schedule: what it is about.
    pub scheduled_at: Timestamp,
    /// By the database's clock.
    pub now: Timestamp,
}
