//! A standby that a service keeps in another zone, and fails over to when it is told.

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::failure::{Failure, Result};
use crate::guard::Permit;

/// How an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It serves.
    Available,
    /// It is on its way.
    Underway,
    /// It does not get out of this by itself.
    DeadEnd,
}

/// The instance that serves, as the service tells of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Its name.
    pub instance: String,
    /// The service's own word.
    pub status: String,
    /// What that means.
    pub availability: Availability,
    /// Whether it has a standby.
    pub has_standby: bool,
    /// Where it is.
    pub zone: String,
    /// When its newest failover began, by the service's clock; `None` where it tells of none.
    pub failed_over_at: Option<Timestamp>,
}

impl Standing {
    /// Whether it failed over since it stood like `before`. Told by the service's own clock and zones, never by ours.
    #[must_use]
    pub fn failed_over_since(&self, before: &Self) -> bool {
        self.zone != before.zone || self.failed_over_at > before.failed_over_at
    }
}

/// What came of asking for a failover.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// It begins.
    Accepted,
    /// It does not, and nothing was done.
    Refused(Failure),
    /// No answer: it may have begun.
    Unanswered(Failure),
}

/// The standby of the database that serves.
#[async_trait]
pub trait Standby: Send + Sync {
    /// How the instance is.
    async fn look(&self) -> Result<Standing>;

    /// Asks for a failover, once: a call without an answer is never repeated.
    async fn fail_over(&self, permit: &Permit<'_>, instance: &str) -> Result<Asked>;
}
