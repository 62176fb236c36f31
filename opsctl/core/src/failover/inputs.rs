//! What a failover drill was asked for, as its plan carries it.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::environment::{Promises, Span};
use crate::names::ScratchName;
use crate::ports::{Effects, Standing, Through};
use crate::restore::CrossingInputs;

/// What fails over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The database, to a replica that follows it.
    Replica,
    /// The database, to the standby that its service keeps in another zone.
    MultiAz,
    /// The cache, to a replica of its primary.
    Cache,
}

impl Kind {
    /// The word that users write and evidence holds.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replica => "replica",
            Self::MultiAz => "multi-az",
            Self::Cache => "cache",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often the prober asks, and how long it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Between two writes, two reads, and two looks at what the application is told.
    pub every: Span,
    /// A connection or an answer that takes longer is none.
    pub patience: Span,
    /// Between two questions to a service that fails over.
    pub poll: Span,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Span(Duration::from_millis(50)),
            patience: Span(Duration::from_secs(2)),
            poll: Span(Duration::from_secs(5)),
        }
    }
}

/// The inputs of `opsctl drill failover`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailoverInputs {
    /// What fails over.
    pub kind: Kind,
    /// The database that serves when it begins.
    pub old: CrossingInputs,
    /// Whether its outbox and jobs may work: they go on as they were.
    pub effects: Effects,
    /// Its sessions that began before this are refused, there as well.
    pub sessions_valid_after: Option<Timestamp>,
    /// The replica.
    pub replica: ScratchName,
    /// When a forgotten replica may be reaped.
    pub expires_at: Timestamp,
    /// The instance with a standby or the cache's group, where that is what fails over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// How users of the cache are stood in for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
    /// The promises that the drill holds the measures against.
    pub promises: Promises,
    /// How often users are stood in for.
    pub pace: Pace,
}
