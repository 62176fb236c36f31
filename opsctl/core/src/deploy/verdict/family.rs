//! Which replica sets and pods belong to a workload, and which of them are of its newest template.

use serde_json::Value;

use super::board::Board;
use crate::workloads::Object;

/// Counts the templates of a deployment.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Pods of one origin.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// Their replica set, where the workload has such.
    pub set: Option<&'a Object>,
    /// The pods, by name.
    pub pods: Vec<&'a Object>,
    /// Whether they are of the newest template.
    pub new: bool,
}

/// The members of a workload, the new ones first.
#[must_use]
pub fn members<'a>(board: &'a Board, workload: &'a Object) -> Vec<Member<'a>> {
    if workload.text("/kind") == "Deployment" {
        return sets(board, workload);
    }
    let pods = board.owned_by(workload.uid(), "Pod");
    let (new, old): (Vec<_>, Vec<_>) = pods.partition(|pod| is_new(workload, pod));
    let member = |pods, new| Member {
        set: None,
        pods,
        new,
    };
    vec![member(new, true), member(old, false)]
}

fn sets<'a>(board: &'a Board, deployment: &'a Object) -> Vec<Member<'a>> {
    let mut sets: Vec<&Object> = board.owned_by(deployment.uid(), "ReplicaSet").collect();
    sets.sort_by_key(|set| set.text("/metadata/creationTimestamp"));
    // As the controller does it: the oldest one with the same template.
    let wanted = template(deployment);
    let same = sets.iter().position(|set| template(set) == wanted);
    // A webhook may have touched the one and not the other; the revision is the controller's own word.
    let newest = same.or_else(|| {
        let revision = deployment
            .annotation(REVISION)
            .filter(|_| seen(deployment))?;
        sets.iter()
            .position(|set| set.annotation(REVISION) == Some(revision))
    });
    let mut members: Vec<Member<'a>> = (0..)
        .zip(sets)
        .map(|(at, set)| Member {
            set: Some(set),
            pods: board.owned_by(set.uid(), "Pod").collect(),
            new: Some(at) == newest,
        })
        .collect();
    members.sort_by_key(|member| !member.new);
    members
}

/// The pod template without what the controller adds to it.
fn template(object: &Object) -> Value {
    let mut template = object.0["spec"]["template"].clone();
    if let Some(metadata) = template["metadata"].as_object_mut() {
        metadata.remove("creationTimestamp");
        let labels = metadata.get_mut("labels").and_then(Value::as_object_mut);
        if let Some(labels) = labels {
            labels.remove("pod-template-hash");
        }
    }
    template
}

fn is_new(workload: &Object, pod: &Object) -> bool {
    match workload.text("/kind") {
        "StatefulSet" => {
            let wanted = workload.text("/status/updateRevision");
            seen(workload) && pod.label("controller-revision-hash") == Some(wanted)
        }
        "DaemonSet" => {
            let wanted = workload.annotation("deprecated.daemonset.template.generation");
            wanted.is_none() || pod.label("pod-template-generation") == wanted
        }
        _ => true,
    }
}

/// Whether the controller has seen the newest form of the object.
#[must_use]
pub fn seen(workload: &Object) -> bool {
    workload.number("/status/observedGeneration") >= workload.number("/metadata/generation")
}
