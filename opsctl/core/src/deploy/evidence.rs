//! What is kept of a failing release before anything goes back: logs, exit codes, events, states, quotas.
//!
//! Going back takes the failing pods away, and with them everything that they could have told.

use serde_json::{Value, json};

use super::gate::GateReport;
use super::verdict::{Board, Finding};
use crate::clock::Timestamp;
use crate::failure::Result;
use crate::ports::{Cluster, LogRequest, Scope};
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// So many last lines of each log.
const LINES: u32 = 250;
/// So many bytes of each log at most, its end.
const BYTES: usize = 64 * 1024;
/// So many pods at most: a broken image breaks them all alike.
const PODS: usize = 10;
/// So many events at most, the newest.
const EVENTS: usize = 200;

/// Everything that was seen of a failing release.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// When it was gathered.
    pub at: Timestamp,
    /// What the judge found, the most important first.
    pub findings: Vec<Finding>,
    /// The pods that do not serve.
    pub pods: Vec<PodEvidence>,
    /// The events of the namespace, the oldest first.
    pub events: Vec<EventLine>,
    /// The text of the quotas.
    pub quotas: Vec<Value>,
    /// What the gate saw, where it was the gate that said no.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gate: Vec<GateReport>,
    /// What could not be gathered, and why.
    pub missing: Vec<String>,
}

/// One pod.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PodEvidence {
    /// Which.
    pub pod: ObjectRef,
    /// Its state as Kubernetes tells it.
    pub status: Value,
    /// Its logs.
    pub logs: Vec<LogEvidence>,
}

/// One log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LogEvidence {
    /// Of which container.
    pub container: String,
    /// Of the run before the present one.
    pub previous: bool,
    /// Its last lines.
    pub text: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EventLine {
    /// When it was seen last.
    pub at: String,
    /// What it is about.
    pub object: String,
    /// Its class.
    pub reason: String,
    /// Its words.
    pub message: String,
    /// How often.
    pub count: i64,
}

impl Evidence {
    /// Why the release failed, in a line each.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        self.findings.iter().map(ToString::to_string).collect()
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What is live.
    pub board: &'a Board,
    /// Where.
    pub namespace: &'a str,
    /// What the judge found.
    pub findings: &'a [Finding],
}

/// Gathers what can be had. What can't be had is said, and stops nothing.
pub async fn gather(cluster: &dyn Cluster, sight: Sight<'_>, at: Timestamp) -> Evidence {
    let board = sight.board;
    let mut evidence = Evidence {
        at,
        findings: sight.findings.to_vec(),
        pods: Vec::new(),
        events: events(board),
        quotas: Vec::new(),
        gate: Vec::new(),
        missing: Vec::new(),
    };
    match quotas(cluster, sight.namespace).await {
        Ok(quotas) => evidence.quotas = quotas,
        Err(failure) => evidence
            .missing
            .push(format!("the quotas: {}", failure.what)),
    }
    let pods: Vec<&Object> = board.of_kind("Pod").filter(|pod| !is_ready(pod)).collect();
    evidence.add_pods(cluster, pods).await;
    evidence
}

/// They are not watched: only a failure makes them worth a question.
async fn quotas(cluster: &dyn Cluster, namespace: &str) -> Result<Vec<Value>> {
    let scope = Scope {
        kind: ObjectKind::new("v1", "ResourceQuota"),
        namespace: Some(namespace.to_owned()),
        labels: None,
    };
    let quotas = cluster.list(&scope).await?.objects;
    let told = quotas.iter().map(|quota| {
        let (name, status) = (quota.text("/metadata/name"), &quota.0["status"]);
        json!({"name": name, "hard": status["hard"], "used": status["used"]})
    });
    Ok(told.collect())
}

impl Evidence {
    /// Adds what these pods can tell.
    pub async fn add_pods(&mut self, cluster: &dyn Cluster, pods: Vec<&Object>) {
        if pods.len() > PODS {
            let left = pods.len() - PODS;
            self.missing.push(format!("{left} more pods"));
        }
        for pod in pods.into_iter().take(PODS) {
            let (found, missing) = of_pod(cluster, pod).await;
            self.pods.push(found);
            self.missing.extend(missing);
        }
    }
}

/// Whether a pod says of itself that it serves.
#[must_use]
pub fn is_ready(pod: &Object) -> bool {
    let conditions = pod.items("/status/conditions");
    conditions
        .iter()
        .any(|it| it["type"] == "Ready" && it["status"] == "True")
}

async fn of_pod(cluster: &dyn Cluster, pod: &Object) -> (PodEvidence, Vec<String>) {
    let mut found = PodEvidence {
        pod: pod.reference(),
        status: pod.0["status"].clone(),
        logs: Vec::new(),
    };
    let mut missing = Vec::new();
    for container in containers(pod) {
        for previous in [true, false] {
            match log(cluster, pod, &container, previous).await {
                Ok(Some(text)) if !text.is_empty() => found.logs.push(LogEvidence {
                    container: container.clone(),
                    previous,
                    text: end_of(text),
                }),
                Ok(_) => {}
                Err(failure) => missing.push(format!(
                    "the log of {} {container}: {}",
                    found.pod, failure.what
                )),
            }
        }
    }
    (found, missing)
}

async fn log(
    cluster: &dyn Cluster,
    pod: &Object,
    container: &str,
    previous: bool,
) -> Result<Option<String>> {
    let request = LogRequest {
        namespace: pod.text("/metadata/namespace").to_owned(),
        pod: pod.text("/metadata/name").to_owned(),
        container: container.to_owned(),
        previous,
        lines: LINES,
    };
    cluster.log(&request).await
}

fn containers(pod: &Object) -> Vec<String> {
    let lists = ["/spec/initContainers", "/spec/containers"];
    let all = lists.iter().flat_map(|list| pod.items(list));
    all.filter_map(|it| it["name"].as_str().map(str::to_owned))
        .collect()
}

fn end_of(text: String) -> String {
    if text.len() <= BYTES {
        return text;
    }
    let mut from = text.len() - BYTES;
    while !text.is_char_boundary(from) {
        from += 1;
    }
    format!("…{}", &text[from..])
}

fn events(board: &Board) -> Vec<EventLine> {
    let mut lines: Vec<EventLine> = board.of_kind("Event").map(event).collect();
    lines.sort_by(|one, other| one.at.cmp(&other.at));
    let newest = lines.len().saturating_sub(EVENTS);
    lines.split_off(newest)
}

fn event(event: &Object) -> EventLine {
    let times = [
        "/lastTimestamp",
        "/series/lastObservedTime",
        "/eventTime",
        "/metadata/creationTimestamp",
    ];
    let at = times.iter().find_map(|time| event.find(time));
    EventLine {
        at: at.unwrap_or_default().to_owned(),
        object: format!(
            "{} {}",
            event.text("/involvedObject/kind"),
            event.text("/involvedObject/name")
        ),
        reason: event.text("/reason").to_owned(),
        message: event.text("/message").to_owned(),
        count: event
            .number("/count")
            .max(event.number("/series/count"))
            .max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_log_the_end_is_kept_whole_character_by_character() {
        let long = "ä".repeat(BYTES);
        let end = end_of(long);
        assert!(end.starts_with('…') && end.len() <= BYTES + 3);
    }
}
