//! What the gate saw and said, as it is kept with the release.

use std::fmt;

use super::figures::Figures;
use super::verdict::GateVerdict;
use crate::clock::Timestamp;
use crate::workloads::ObjectRef;

/// How far the roll-out was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The first new pods serve beside the old ones.
    FirstPods,
    /// All pods are new; the old ones' figures are those of before.
    AllPods,
}

/// One look of the gate.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GateReport {
    /// When the window ended.
    pub at: Timestamp,
    /// What was measured.
    pub deployment: ObjectRef,
    /// How far its roll-out was.
    pub stage: Stage,
    /// How long it was measured, in seconds.
    pub seconds: f64,
    /// The old pods.
    pub old: Figures,
    /// The new pods.
    pub new: Figures,
    /// What follows.
    #[serde(flatten)]
    pub verdict: GateVerdict,
}

impl fmt::Display for GateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            Stage::FirstPods => "first new pods",
            Stage::AllPods => "all pods new",
        };
        write!(
            f,
            "gate {}, {stage}: {}",
            self.deployment,
            self.verdict.word()
        )?;
        match self.verdict {
            GateVerdict::Pass => write!(f, " (new: {}; old: {})", self.new, self.old),
            _ => write!(f, ": {}", self.verdict.why()),
        }
    }
}
