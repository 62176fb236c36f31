//! What the probes of a container say: killed by them, or running and never ready.

use std::time::Duration;

use serde_json::Value;

use super::Seen;
use super::status::ContainerStatus;
use crate::deploy::verdict::CauseCode;
use crate::deploy::verdict::event::EventView;
use crate::deploy::verdict::finding::{Patience, Suspicion};

/// Kills of a container by its probes and its hook.
#[derive(Debug)]
pub struct Kills {
    /// How many.
    pub number: i64,
    /// What they come to.
    pub suspicions: Vec<Suspicion>,
}

/// The kinds of kill: the cause, what the event `Killing` says of it, and whose answer explains it.
const KINDS: [(CauseCode, &str, &str); 3] = [
    (
        CauseCode::LivenessKilled,
        "failed liveness probe",
        "Liveness probe",
    ),
    (
        CauseCode::StartupProbeFailed,
        "failed startup probe",
        "Startup probe",
    ),
    (
        CauseCode::LifecycleHookFailed,
        "FailedPostStartHook",
        "PostStartHook",
    ),
];

/// Who was killed by a probe, and why.
pub fn kills(seen: &Seen<'_>, status: &ContainerStatus<'_>) -> Kills {
    let mut kills = Kills {
        number: 0,
        suspicions: Vec::new(),
    };
    for (code, words, answer) in KINDS {
        let number = killings(seen, status, words);
        if number == 0 {
            continue;
        }
        kills.number += number;
        let answer = answer_of(seen, status, answer).unwrap_or("it gave no answer");
        let finding = seen.finding(code, answer).at(status.name());
        let key = status.key();
        kills
            .suspicions
            .push(if number > i64::from(seen.scene.budgets.kills) {
                Suspicion::certain(finding, &key)
            } else {
                Suspicion::for_a_while(finding, Patience::UntilDeadline, &key)
            });
    }
    kills
}

fn killings(seen: &Seen<'_>, status: &ContainerStatus<'_>, words: &str) -> i64 {
    let ours = |event: &&EventView<'_>| {
        event.reason == "Killing"
            && event.container() == Some(status.name())
            && event.message.contains(words)
    };
    let killings = seen.events.iter().filter(ours);
    killings
        .map(|event| seen.scene.baseline.new_count(event))
        .sum()
}

/// A container that runs and does not become ready: named when its probe had several times the time that it asked for.
pub fn never_ready(seen: &Seen<'_>, status: &ContainerStatus<'_>) -> Option<Suspicion> {
    let probe = status.spec().get("readinessProbe")?;
    if !status.runs() || status.ready() || !status.started() {
        return None;
    }
    let answer = answer_of(seen, status, "Readiness probe");
    let answer = answer.unwrap_or("the readiness probe has not succeeded");
    let finding = seen
        .finding(CauseCode::NeverReady, answer)
        .at(status.name());
    let patience = Patience::For(window(probe) * seen.scene.budgets.readiness.max(1));
    Some(Suspicion::for_a_while(finding, patience, &status.run()).ordinary())
}

fn answer_of<'a>(seen: &Seen<'a>, status: &ContainerStatus<'_>, probe: &str) -> Option<&'a str> {
    let reasons = ["Unhealthy", "FailedPostStartHook"];
    let ours = |event: &&EventView<'a>| {
        reasons.contains(&event.reason)
            && event.container() == Some(status.name())
            && event.message.contains(probe)
    };
    let newest = seen.events.iter().rev().find(ours)?;
    Some(newest.message)
}

/// How long a probe may take until it has said no for good.
fn window(probe: &Value) -> Duration {
    let delay = probe["initialDelaySeconds"].as_u64().unwrap_or_default();
    Duration::from_secs(delay) + patience_of(probe)
}

/// How long a probe that runs must fail until it has said no for good.
pub fn patience_of(probe: &Value) -> Duration {
    let field = |name: &str, usual: u64| probe[name].as_u64().unwrap_or(usual);
    let fails = field("periodSeconds", 10).saturating_mul(field("failureThreshold", 3));
    Duration::from_secs(fails.saturating_add(field("timeoutSeconds", 1)))
}

/// How long the slowest container of a pod template may take to become ready, by its own probes.
#[must_use]
pub fn slowest(template: &Value, readiness: u32) -> Duration {
    let containers = template["spec"]["containers"].as_array();
    let of = |container: &Value| {
        let probe = |name: &str| container.get(name).map(window).unwrap_or_default();
        probe("startupProbe") + probe("readinessProbe") * readiness.max(1)
    };
    let all = containers.into_iter().flatten().map(of);
    all.max().unwrap_or_default()
}
