//! What one side did in a window, as it is judged and kept.

use std::fmt;

use super::traffic::Traffic;

/// The figures of the new pods, or of the old ones.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Figures {
    /// Pods that told what they measured.
    pub pods: usize,
    /// Their answers.
    pub requests: u64,
    /// Those with a 5xx.
    pub failed: u64,
    /// The 95th percentile of the answering times, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
    /// Who told nothing and why, and what else is odd.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Figures {
    /// The sum of what pods answered.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of answers are whole, not negative and far below 2^53"
    )]
    pub fn of(pods: usize, traffic: &Traffic, notes: Vec<String>) -> Self {
        Self {
            pods,
            requests: traffic.requests as u64,
            failed: traffic.failed as u64,
            p95: traffic.p95(),
            notes,
        }
    }

    /// The share of failures; `None` when nothing was answered.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share needs no 53 bits")]
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.failed as f64 / self.requests as f64)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.error_rate().unwrap_or_default() * 100.0;
        let (requests, pods) = (self.requests, self.pods);
        write!(f, "{requests} requests, {rate:.2} % failed")?;
        if let Some(p95) = self.p95 {
            write!(f, ", p95 {:.0} ms", p95 * 1000.0)?;
        }
        write!(f, " ({pods} pods)")
    }
}
