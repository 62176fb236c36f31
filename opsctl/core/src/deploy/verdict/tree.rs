//! The live picture: workload, replica set, pod, with a reason each.

use super::board::ends;
use super::family::Member;
use super::finding::Suspicion;
use super::pod::statuses;
use crate::workloads::{Object, ObjectRef};

/// How an object of the picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// As it should be.
    Good,
    /// On its way.
    Waiting,
    /// Something is wrong with it.
    Bad,
    /// Of an older release, or on its way out.
    Leaving,
}

/// One object of the picture, with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Branch {
    /// The object.
    pub object: ObjectRef,
    /// How it stands.
    pub condition: Condition,
    /// Why, in a few words.
    pub reason: String,
    /// What hangs on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
}

impl Branch {
    /// An object with nothing on it.
    #[must_use]
    pub fn new(object: ObjectRef, condition: Condition, reason: impl Into<String>) -> Self {
        Self {
            object,
            condition,
            reason: reason.into(),
            branches: Vec::new(),
        }
    }

    /// The object with what hangs on it.
    #[must_use]
    pub fn with(mut self, branches: Vec<Self>) -> Self {
        self.branches = branches;
        self
    }
}

/// What hangs on a workload. Old replica sets without pods are history and not shown.
#[must_use]
pub fn of(members: &[Member<'_>], suspicions: &[Suspicion]) -> Vec<Branch> {
    let mut branches = Vec::new();
    for member in members {
        let pods: Vec<Branch> = member
            .pods
            .iter()
            .map(|pod| leaf(pod, member.new, suspicions))
            .collect();
        match member.set {
            None => branches.extend(pods),
            Some(set) if member.new || !pods.is_empty() || wanted(set) > 0 => {
                branches.push(of_set(set, member.new, suspicions).with(pods));
            }
            Some(_) => {}
        }
    }
    branches
}

fn of_set(set: &Object, new: bool, suspicions: &[Suspicion]) -> Branch {
    let (wanted, ready) = (wanted(set), set.number("/status/readyReplicas"));
    let figures = format!("{ready} of {wanted} ready");
    let name = set.reference();
    match told(&name, suspicions) {
        Some(words) if new => Branch::new(name, Condition::Bad, words),
        _ if !new => Branch::new(name, Condition::Leaving, format!("old, {figures}")),
        _ if ready >= wanted => Branch::new(name, Condition::Good, format!("new, {figures}")),
        _ => Branch::new(name, Condition::Waiting, format!("new, {figures}")),
    }
}

fn leaf(pod: &Object, new: bool, suspicions: &[Suspicion]) -> Branch {
    let name = pod.reference();
    if ends(pod) {
        return Branch::new(name, Condition::Leaving, "ending");
    }
    if !new {
        return Branch::new(name, Condition::Leaving, "old");
    }
    match told(&name, suspicions) {
        Some(words) => Branch::new(name, Condition::Bad, words),
        None if is_good(pod) => Branch::new(name, Condition::Good, "ready"),
        None => {
            let reason = awaited(pod, suspicions);
            Branch::new(name, Condition::Waiting, reason)
        }
    }
}

/// What is wrong with an object beyond what every start looks like, the most specific.
fn told(object: &ObjectRef, suspicions: &[Suspicion]) -> Option<String> {
    let about = suspicions
        .iter()
        .filter(|it| &it.finding.object == object && !it.ordinary);
    let worst = about.map(|it| &it.finding).min_by_key(|it| it.code)?;
    Some(format!("{}: {}", worst.code, first_line(&worst.message)))
}

fn is_good(pod: &Object) -> bool {
    let conditions = pod.items("/status/conditions").iter();
    let mut ready = conditions.filter(|it| it["type"] == "Ready" && it["status"] == "True");
    pod.text("/status/phase") == "Succeeded" || ready.next().is_some()
}

fn awaited(pod: &Object, suspicions: &[Suspicion]) -> String {
    let name = pod.reference();
    let mut ordinary = suspicions.iter().filter(|it| it.finding.object == name);
    if let Some(ordinary) = ordinary.next() {
        return first_line(&ordinary.finding.message).to_owned();
    }
    let statuses = statuses(pod);
    let waiting = statuses
        .iter()
        .find(|status| !status.waiting_reason().is_empty());
    match (waiting, pod.text("/status/phase")) {
        (Some(status), _) => format!("{}: {}", status.name(), status.waiting_reason()),
        (None, "") => "made".to_owned(),
        (None, phase) => phase.to_lowercase(),
    }
}

fn wanted(set: &Object) -> i64 {
    set.number("/spec/replicas")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
