//! One look at one workload of the release: how far it is, what is suspicious about it, what hangs on it.

use std::time::Duration;

use super::cause::{CauseClass, CauseCode};
use super::family::{Member, members, seen};
use super::finding::{Finding, Patience, Suspicion};
use super::judge::{Expected, Role};
use super::pod::{self, Owner, Scene};
use super::rollout::{self, Rollout};
use super::steady::{self, Steadiness};
use super::tree::{self, Branch, Condition};
use super::{creation, job};
use crate::workloads::{Object, ObjectRef};

/// What a look at one workload saw.
#[derive(Debug, Clone)]
pub struct Look {
    /// Which workload.
    pub workload: ObjectRef,
    /// The live picture.
    pub branch: Branch,
    /// How far it is; `None` while it is not there as expected.
    pub rollout: Option<Rollout>,
    /// What is suspicious.
    pub suspicions: Vec<Suspicion>,
    /// That its controller has given up, with its words: all suspicions count then.
    pub over: Option<Finding>,
    /// How long it may stand still by its own probes.
    pub slow: Duration,
    /// What it has to show once it looks done.
    pub steadiness: Steadiness,
}

impl Look {
    /// Whether its roll-out is done.
    #[must_use]
    pub fn done(&self) -> bool {
        self.rollout.as_ref().is_some_and(Rollout::done)
    }

    /// It was complete before it was taken away.
    pub fn complete(&mut self) {
        self.rollout = Some(rollout::finished("complete"));
        self.branch = Branch::new(self.workload.clone(), Condition::Good, "complete");
        self.suspicions.clear();
    }

    /// What it waits for.
    #[must_use]
    pub fn waits(&self) -> Vec<String> {
        match &self.rollout {
            Some(rollout) => rollout.waits.clone(),
            None => vec![self.branch.reason.clone()],
        }
    }

    /// Whether an autoscaler is at work for it.
    #[must_use]
    pub fn waits_for_capacity(&self) -> bool {
        let mut classes = self.suspicions.iter().map(|it| it.finding.class);
        classes.any(|class| class == CauseClass::WaitingForCapacity)
    }
}

/// Looks at one workload.
#[must_use]
pub fn examine(scene: Scene<'_>, expected: &Expected) -> Look {
    let live = scene.board.get(&expected.object);
    match live {
        None => missing(scene, expected, "it is not there"),
        Some(live) if expected.uid.as_deref().is_some_and(|uid| uid != live.uid()) => {
            missing(scene, expected, "another object has its name")
        }
        Some(live) if live.number("/metadata/generation") < expected.generation => {
            let words = format!("generation {} has not been seen yet", expected.generation);
            Look {
                suspicions: Vec::new(),
                ..missing(scene, expected, &words)
            }
        }
        Some(live) => present(scene, expected.role, live),
    }
}

fn missing(scene: Scene<'_>, expected: &Expected, words: &str) -> Look {
    let finding = Finding::new(CauseCode::WorkloadGone, &expected.object, words);
    let patience = Patience::For(scene.budgets.grace);
    let source = expected.object.to_string();
    Look {
        workload: expected.object.clone(),
        branch: Branch::new(expected.object.clone(), Condition::Waiting, words),
        rollout: None,
        suspicions: vec![Suspicion::for_a_while(finding, patience, &source).ordinary()],
        over: None,
        slow: Duration::ZERO,
        steadiness: Steadiness::default(),
    }
}

fn present(scene: Scene<'_>, role: Role, live: &Object) -> Look {
    let members = members(scene.board, live);
    let rollout = rollout::of(live);
    let suspicions = suspicions(scene, live, &members);
    let over = job::failure(live, role).or_else(|| gave_up(scene, live));
    let condition = match (&over, rollout.done()) {
        (Some(_), _) => Condition::Bad,
        (None, true) => Condition::Good,
        (None, false) => Condition::Waiting,
    };
    let branch = Branch::new(live.reference(), condition, rollout.summary.clone());
    Look {
        workload: live.reference(),
        branch: branch.with(tree::of(&members, &suspicions)),
        slow: slow(scene, live),
        steadiness: steady::of(scene, live, &members),
        rollout: Some(rollout),
        suspicions,
        over,
    }
}

fn suspicions(scene: Scene<'_>, live: &Object, members: &[Member<'_>]) -> Vec<Suspicion> {
    let owner = if live.text("/kind") == "Job" {
        Owner::Job
    } else {
        Owner::Lasting
    };
    let mut found: Vec<Suspicion> = creation::of(scene, live, short(live)).into_iter().collect();
    for member in members.iter().filter(|member| member.new) {
        if let Some(set) = member.set {
            // The replica set says the same as its deployment, and is closer to the fault.
            if let Some(suspicion) = creation::of(scene, set, short(set)) {
                found = vec![suspicion];
            }
        }
        for pod in &member.pods {
            found.extend(pod::suspicions(scene, pod, owner));
        }
    }
    found
}

/// Whether pods are missing that should be there.
fn short(maker: &Object) -> bool {
    let number = |pointer| maker.number(pointer);
    match maker.text("/kind") {
        "DaemonSet" => {
            number("/status/currentNumberScheduled") < number("/status/desiredNumberScheduled")
        }
        "Job" => {
            number("/status/active") + number("/status/succeeded") + number("/status/failed") == 0
        }
        _ => number("/status/replicas") < number("/spec/replicas"),
    }
}

/// The controller's own deadline for progress; one that passed before the release began is none of its.
fn gave_up(scene: Scene<'_>, live: &Object) -> Option<Finding> {
    let conditions = live.items("/status/conditions").iter();
    let mut late = conditions.filter(|it| it["reason"] == "ProgressDeadlineExceeded");
    let condition = late
        .next()
        .filter(|it| seen(live) && !scene.baseline.knows(live, it))?;
    let words = condition["message"].as_str().unwrap_or_default();
    Some(Finding::new(
        CauseCode::ProgressDeadline,
        &live.reference(),
        words,
    ))
}

fn slow(scene: Scene<'_>, live: &Object) -> Duration {
    let probes = pod::slowest(&live.0["spec"]["template"], scene.budgets.readiness);
    let steady = u64::try_from(live.number("/spec/minReadySeconds")).unwrap_or_default();
    // A little more than the probes may take, so that what they say comes first.
    probes + Duration::from_secs(steady) + scene.budgets.grace
}
