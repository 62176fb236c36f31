//! The second place: where an environment is brought back when the first is lost.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Abroad, Backups, Copies, Sizes};

/// What of the second place operations use.
#[derive(Clone)]
pub struct AwayPorts {
    /// What is lost when this place is needed: a region.
    pub home: String,
    /// Where it is: another region.
    pub place: String,
    /// The copies of backups there, under the names of what they are copies of.
    pub backups: Arc<dyn Backups>,
    /// What is restored there.
    pub copies: Arc<dyn Copies>,
    /// How big what is restored there is; `None`: nobody is billed for it.
    pub sizes: Option<Arc<dyn Sizes>>,
    /// Who knows whether all is there that a failover needs.
    pub readiness: Arc<dyn Readiness>,
    /// Where workloads run there; `None`: opsctl is told of no such place.
    pub abroad: Option<Arc<dyn Abroad>>,
}

/// Looks at everything that must be there before the day.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Each part, in the order in which a failover needs it. One that can't be looked at lacks.
    async fn look(&self) -> Vec<Part>;
}

/// One thing that a failover needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Part {
    /// What.
    pub name: String,
    /// Whether it is there.
    pub state: PartState,
    /// What was seen, or what is wrong.
    pub detail: String,
    /// What cures it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cure: Vec<String>,
}

/// Whether a part is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// It is.
    Ready,
    /// It is not: a failover would fail there.
    Lacking,
    /// opsctl is not told of it: people do that step.
    ByHand,
}

impl Part {
    /// One that is there.
    #[must_use]
    pub fn ready(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::of(name, PartState::Ready, detail)
    }

    /// One that is not, with its cure.
    #[must_use]
    pub fn lacking(
        name: impl Into<String>,
        detail: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        let part = Self::of(name, PartState::Lacking, detail);
        Self {
            cure: vec![cure.into()],
            ..part
        }
    }

    /// One that people see to.
    #[must_use]
    pub fn by_hand(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::of(name, PartState::ByHand, detail)
    }

    /// Whether a failover would fail for it.
    #[must_use]
    pub fn lacks(&self) -> bool {
        self.state == PartState::Lacking
    }

    fn of(name: impl Into<String>, state: PartState, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            state,
            detail: detail.into(),
            cure: Vec::new(),
        }
    }
}

impl PartState {
    /// In a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ok",
            Self::Lacking => "finding",
            Self::ByHand => "by hand",
        }
    }
}
