//! How far a workload is: whether its roll-out is done, what it still waits for, whether its controller gave up.

use super::family::seen;
use super::memory::Score;
use crate::workloads::Object;

/// How far a workload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// What it waits for; done when that is nothing.
    pub waits: Vec<String>,
    /// How far it has come.
    pub score: Score,
    /// In a few words.
    pub summary: String,
}

impl Rollout {
    /// Whether the roll-out is done.
    #[must_use]
    pub fn done(&self) -> bool {
        self.waits.is_empty()
    }
}

/// The figures that a controller publishes of its pods.
#[derive(Debug, Clone, Copy)]
struct Figures {
    wanted: i64,
    updated: i64,
    ready: i64,
    available: i64,
    old: i64,
}

/// How far a workload is. Kinds that don't roll out are done as soon as they are there.
#[must_use]
pub fn of(workload: &Object) -> Rollout {
    match workload.text("/kind") {
        "Deployment" => rolling(workload, deployment(workload)),
        "StatefulSet" => rolling(workload, stateful_set(workload)),
        "DaemonSet" => rolling(workload, daemon_set(workload)),
        "Job" => job(workload),
        _ => finished("there"),
    }
}

fn deployment(object: &Object) -> Figures {
    let updated = object.number("/status/updatedReplicas");
    Figures {
        wanted: replicas(object),
        updated,
        ready: object.number("/status/readyReplicas"),
        available: object.number("/status/availableReplicas"),
        old: (object.number("/status/replicas") - updated).max(0),
    }
}

fn stateful_set(object: &Object) -> Figures {
    let all = replicas(object);
    let partition = object.number("/spec/updateStrategy/rollingUpdate/partition");
    let revision = object.text("/status/updateRevision");
    let current = !revision.is_empty() && object.text("/status/currentRevision") == revision;
    let updated = match object.number("/status/updatedReplicas") {
        // When all are of one revision, some versions only count them as current.
        0 if current => object.number("/status/currentReplicas"),
        updated => updated,
    };
    let kept = partition.clamp(0, all);
    let on_delete = object.text("/spec/updateStrategy/type") == "OnDelete";
    Figures {
        wanted: all,
        updated: if on_delete {
            all
        } else {
            (updated + kept).min(all)
        },
        ready: object.number("/status/readyReplicas"),
        available: object.number("/status/availableReplicas"),
        old: 0,
    }
}

fn daemon_set(object: &Object) -> Figures {
    let wanted = object.number("/status/desiredNumberScheduled");
    let on_delete = object.text("/spec/updateStrategy/type") == "OnDelete";
    let updated = object.number("/status/updatedNumberScheduled");
    Figures {
        wanted,
        updated: if on_delete { wanted } else { updated },
        ready: object.number("/status/numberReady"),
        available: object.number("/status/numberAvailable"),
        old: object.number("/status/numberMisscheduled"),
    }
}

fn replicas(object: &Object) -> i64 {
    let told = object.0["spec"]["replicas"].as_i64();
    told.unwrap_or(1)
}

fn rolling(object: &Object, figures: Figures) -> Rollout {
    let generation = object.number("/metadata/generation");
    let Figures {
        wanted,
        updated,
        ready,
        available,
        old,
    } = figures;
    if !seen(object) {
        let waits = vec![format!(
            "its controller has not seen generation {generation} yet"
        )];
        return rollout(waits, (generation, wanted), i64::MIN, "not seen yet");
    }
    let mut waits = Vec::new();
    if object.0["spec"]["paused"] == true {
        waits.push("it is paused".to_owned());
    }
    if updated < wanted {
        waits.push(format!("{updated} of {wanted} pods are new"));
    }
    if old > 0 && object.text("/kind") == "Deployment" {
        waits.push(format!("{old} old {} to end", pods(old)));
    }
    if available < wanted {
        waits.push(format!("{available} of {wanted} pods are available"));
    }
    let reached = updated + ready + available - old;
    let summary = format!("{updated} of {wanted} new, {available} available");
    rollout(waits, (generation, wanted), reached, &summary)
}

const fn pods(number: i64) -> &'static str {
    if number == 1 { "pod has" } else { "pods have" }
}

fn job(object: &Object) -> Rollout {
    let conditions = object.items("/status/conditions");
    let is = |kind: &str| {
        let mut found = conditions.iter().filter(|it| it["type"] == kind);
        found.any(|it| it["status"] == "True")
    };
    if is("Complete") {
        return finished("complete");
    }
    let counts =
        ["active", "ready", "succeeded"].map(|name| object.number(&format!("/status/{name}")));
    let [active, ready, succeeded] = counts;
    let wanted = object.0["spec"]["completions"].as_i64().unwrap_or(1);
    let wait = if object.0["spec"]["suspend"] == true {
        "it is suspended".to_owned()
    } else {
        format!("{succeeded} of {wanted} done, {active} running")
    };
    let generation = object.number("/metadata/generation");
    let reached = active + ready + succeeded.saturating_mul(3);
    rollout(vec![wait.clone()], (generation, wanted), reached, &wait)
}

/// The roll-out of what has nothing more to do.
#[must_use]
pub fn finished(summary: &str) -> Rollout {
    rollout(Vec::new(), (0, 0), 0, summary)
}

fn rollout(waits: Vec<String>, wanted: (i64, i64), reached: i64, summary: &str) -> Rollout {
    Rollout {
        waits,
        score: Score { wanted, reached },
        summary: summary.to_owned(),
    }
}
