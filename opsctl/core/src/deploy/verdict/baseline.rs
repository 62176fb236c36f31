//! What was wrong before the release began: none of it counts against the release.

use std::collections::{BTreeMap, BTreeSet};

use super::board::Board;
use super::event::EventView;
use super::pod;
use crate::workloads::Object;

/// The failures of the board at one moment, by the ids of what showed them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Baseline {
    ends: BTreeMap<String, i64>,
    waits: BTreeMap<String, String>,
    events: BTreeMap<String, i64>,
    conditions: BTreeSet<String>,
}

impl Baseline {
    /// What is wrong on the board now.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        let mut baseline = Self::default();
        for pod in board.of_kind("Pod") {
            for status in pod::statuses(pod) {
                let key = status.key();
                let wait = status.waiting_reason().to_owned();
                baseline.ends.insert(key.clone(), status.ends());
                baseline.waits.insert(key, wait);
            }
        }
        for object in board.of_kind("Event") {
            if let Some(event) = EventView::of(object) {
                baseline.events.insert(event.uid().into(), event.count());
            }
        }
        for kind in ["Deployment", "ReplicaSet"] {
            for object in board.of_kind(kind) {
                baseline.conditions.extend(conditions(object));
            }
        }
        baseline
    }

    /// How often a container has ended since.
    #[must_use]
    pub fn new_ends(&self, status: &pod::ContainerStatus<'_>) -> i64 {
        let before = self.ends.get(&status.key()).copied();
        (status.ends() - before.unwrap_or_default()).max(0)
    }

    /// Whether a container waits for the same reason as before the start, without having run since.
    #[must_use]
    pub fn waited_before(&self, status: &pod::ContainerStatus<'_>) -> bool {
        let reason = status.waiting_reason();
        let before = self.waits.get(&status.key());
        !reason.is_empty() && before.is_some_and(|known| known == reason)
    }

    /// How often an event was seen since.
    #[must_use]
    pub fn new_count(&self, event: &EventView<'_>) -> i64 {
        let before = self.events.get(event.uid()).copied();
        event.count() - before.unwrap_or_default()
    }

    /// Whether a condition is older than the start.
    #[must_use]
    pub fn knows(&self, object: &Object, condition: &serde_json::Value) -> bool {
        self.conditions.contains(&mark(object, condition))
    }
}

fn conditions(object: &Object) -> impl Iterator<Item = String> {
    let all = object.items("/status/conditions").iter();
    all.map(|condition| mark(object, condition))
}

fn mark(object: &Object, condition: &serde_json::Value) -> String {
    let field = |name: &str| condition[name].as_str().unwrap_or_default();
    let parts = [
        object.uid(),
        field("type"),
        field("status"),
        field("reason"),
        field("lastUpdateTime"),
        field("lastTransitionTime"),
    ];
    parts.join(" ")
}
