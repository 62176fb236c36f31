//! What is wrong with one pod, read from its status and its events.
//!
//! Owns the reading of what kubelet, scheduler and runtime say. Never counts time: a suspicion carries its patience.

mod container;
mod crash;
mod fate;
mod probes;
mod pull;
mod scheduling;
mod signs;
mod start;
mod status;
mod volumes;

pub use probes::slowest;
pub use signs::signs;
pub use status::{ContainerStatus, statuses};

use super::baseline::Baseline;
use super::board::{Board, ends};
use super::budgets::Budgets;
use super::event::EventView;
use super::finding::{Finding, Suspicion};
use crate::deploy::verdict::CauseCode;
use crate::workloads::Object;

/// What a look at the board is made with.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What is live.
    pub board: &'a Board,
    /// What was wrong before.
    pub baseline: &'a Baseline,
    /// What is tolerated.
    pub budgets: &'a Budgets,
}

/// Whose pod it is: a job has a budget of failures of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A workload that wants its pods to run for ever.
    Lasting,
    /// A job.
    Job,
}

/// A pod under the eye of the judge.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    scene: Scene<'a>,
    pod: &'a Object,
    owner: Owner,
    events: Vec<EventView<'a>>,
}

impl<'a> Seen<'a> {
    fn new(scene: Scene<'a>, pod: &'a Object, owner: Owner) -> Self {
        let mut events = scene.board.events_about(pod);
        events.retain(|event| scene.baseline.new_count(event) > 0);
        Self {
            scene,
            pod,
            owner,
            events,
        }
    }

    fn finding(&self, code: CauseCode, message: impl AsRef<str>) -> Finding {
        Finding::new(code, &self.pod.reference(), message)
    }

    /// The newest event of one of these reasons, about the container if one is named.
    fn newest(&self, reasons: &[&str], container: Option<&str>) -> Option<&EventView<'a>> {
        let fits = |event: &&EventView<'a>| {
            reasons.contains(&event.reason)
                && (container.is_none() || event.container() == container)
        };
        self.events.iter().rev().find(fits)
    }
}

/// Everything that is suspicious about a pod. One that is on its way out is none of the release's.
#[must_use]
pub fn suspicions(scene: Scene<'_>, pod: &Object, owner: Owner) -> Vec<Suspicion> {
    if ends(pod) {
        return Vec::new();
    }
    let seen = Seen::new(scene, pod, owner);
    if let Some(fate) = fate::of_the_pod(&seen) {
        return vec![fate];
    }
    let mut found: Vec<Suspicion> = Vec::new();
    found.extend(scheduling::of(&seen));
    found.extend(volumes::of(&seen));
    for status in statuses(pod) {
        found.extend(container::of(&seen, &status));
    }
    found.extend(fate::closed_gates(&seen));
    found
}
