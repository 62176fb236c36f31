//! What a roll-out that looks done still has to show: pods that nobody asks have to live for a while, and a liveness probe that
//! said no has to fall silent or kill.
//!
//! Where a readiness probe answers, being available is proof enough, and nothing is waited for.

use std::time::Duration;

use super::family::Member;
use super::pod::{self, Scene};
use crate::workloads::Object;

/// How long a workload must stay whole before it is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steadiness {
    /// So long.
    pub needed: Duration,
    /// What must not change meanwhile: ends of containers, answers of probes.
    pub mark: String,
    /// What it is waited for.
    pub why: &'static str,
}

/// What a workload has to show.
pub fn of(scene: Scene<'_>, live: &Object, members: &[Member<'_>]) -> Steadiness {
    if scene.budgets.steady.is_zero() {
        return Steadiness::default();
    }
    let new = members.iter().filter(|member| member.new);
    let pods: Vec<&Object> = new.flat_map(|member| member.pods.iter().copied()).collect();
    let signs = pods.iter().map(|pod| pod::signs(scene, pod));
    let (marks, windows): (Vec<String>, Vec<Duration>) = signs.unzip();
    let mark = marks.join(" ");
    let failing = windows.into_iter().max().unwrap_or_default();
    let alone = unasked(scene, live);
    if failing > alone {
        return Steadiness {
            needed: failing,
            mark,
            why: "a liveness probe has said no",
        };
    }
    Steadiness {
        needed: alone,
        mark,
        why: "its pods have no readiness probe",
    }
}

/// How long pods must live that Kubernetes calls ready without asking them.
fn unasked(scene: Scene<'_>, live: &Object) -> Duration {
    let lasting = ["Deployment", "StatefulSet", "DaemonSet"].contains(&live.text("/kind"));
    let containers = live.items("/spec/template/spec/containers");
    let mut asked = containers.iter().map(|it| it.get("readinessProbe"));
    // Whoever wants no pods has none that could fall.
    let none = live.0["spec"]["replicas"] == 0;
    if !lasting || none || containers.is_empty() || asked.any(|probe| probe.is_some()) {
        return Duration::ZERO;
    }
    let seconds = live.number("/spec/minReadySeconds");
    let already = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    scene.budgets.steady.saturating_sub(already)
}
