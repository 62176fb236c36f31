//! The promises of the architecture specification, with its figures as defaults.

use super::Span;

/// What was promised; each is proven by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Promises {
    /// A restore takes less than this ("RTO: < 1 hour").
    pub rto: Span,
    /// A restore loses at most this much ("RPO: 24 hours").
    pub rpo: Span,
    /// Backups are kept this long ("30-day retention").
    pub retention: Span,
    /// A restore drill passed within this ("monthly").
    pub restore_drill: Span,
    /// A failover drill passed within this ("quarterly").
    pub failover_drill: Span,
    /// Most secrets are younger than this.
    pub secret_rotation: Span,
    /// API keys are younger than this.
    pub api_key_rotation: Span,
}

impl Default for Promises {
    fn default() -> Self {
        Self {
            rto: Span::seconds(3600),
            rpo: Span::seconds(86_400),
            retention: Span::days(30),
            restore_drill: Span::days(31),
            failover_drill: Span::days(92),
            secret_rotation: Span::days(90),
            api_key_rotation: Span::days(30),
        }
    }
}

impl Promises {
    /// "< 1 hour": a restore of exactly the promised time breaks the promise.
    #[must_use]
    pub fn rto_holds(&self, measured: std::time::Duration) -> bool {
        measured < self.rto.0
    }

    /// "24 hours": a loss of exactly the promised time keeps it.
    #[must_use]
    pub fn rpo_holds(&self, measured: std::time::Duration) -> bool {
        measured <= self.rpo.0
    }
}
