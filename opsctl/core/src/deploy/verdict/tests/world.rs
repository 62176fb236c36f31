//! A deployment in the middle of its roll-out, as the watches tell it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::deploy::verdict::{
    Baseline, Board, Budgets, Expected, Finding, Judge, Judgement, Role, State,
};
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// The board and the judge before it. The release changed Deployment `api` (three pods wanted, generation 2), which has
/// made its new replica set `api-new` beside `api-old`.
pub struct World {
    pub board: Board,
    pub judge: Judge,
    events: u32,
}

pub fn world() -> World {
    with(Budgets::default())
}

pub fn with(budgets: Budgets) -> World {
    let mut board = Board::default();
    board.put(deployment(json!({
        "observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3,
    })));
    board.put(set("api-new", "v2", 1));
    board.put(set("api-old", "v1", 3));
    judged(
        board,
        vec![expect("apps/v1", "Deployment", "api", 2)],
        budgets,
    )
}

pub fn judged(board: Board, expected: Vec<Expected>, budgets: Budgets) -> World {
    World {
        board,
        judge: Judge::new(expected, Baseline::default(), budgets),
        events: 0,
    }
}

pub fn expect(api_version: &str, kind: &str, name: &str, generation: i64) -> Expected {
    Expected {
        object: reference(api_version, kind, name),
        uid: None,
        generation,
        role: Role::Workload,
    }
}

pub fn reference(api_version: &str, kind: &str, name: &str) -> ObjectRef {
    ObjectRef {
        kind: ObjectKind::new(api_version, kind),
        namespace: Some("shop".into()),
        name: name.into(),
    }
}

fn template(version: &str) -> Value {
    json!({
        "metadata": {"creationTimestamp": null, "labels": {"app": "api"}},
        "spec": {"containers": [container(version)], "restartPolicy": "Always"},
    })
}

fn container(version: &str) -> Value {
    json!({
        "name": "api", "image": format!("reg.example/shop/app:{version}"),
        "readinessProbe": {
            "httpGet": {"path": "/health/ready", "port": 8443, "scheme": "HTTPS"},
            "periodSeconds": 5, "failureThreshold": 3, "timeoutSeconds": 1, "successThreshold": 1,
        },
    })
}

pub fn deployment(status: Value) -> Object {
    Object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"namespace": "shop", "name": "api", "uid": "uid-api", "generation": 2},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "api"}}, "template": template("v2")},
        "status": status,
    }))
}

pub fn set(name: &str, version: &str, replicas: i64) -> Object {
    let mut template = template(version);
    template["metadata"]["labels"]["pod-template-hash"] = json!(name);
    Object(json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "namespace": "shop", "name": name, "uid": format!("uid-{name}"), "generation": 1,
            "creationTimestamp": if version == "v1" { "2026-11-26T09:00:00Z" } else { "2026-11-27T09:00:00Z" },
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": "uid-api", "controller": true}],
        },
        "spec": {"replicas": replicas, "template": template},
        "status": {"observedGeneration": 1, "replicas": replicas, "fullyLabeledReplicas": replicas},
    }))
}

pub fn pod(name: &str, owner: &str, status: Value) -> Object {
    let kind = if owner.starts_with("api-") {
        "ReplicaSet"
    } else {
        "Job"
    };
    let restart = if kind == "Job" { "Never" } else { "Always" };
    Object(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "namespace": "shop", "name": name, "uid": format!("uid-{name}"),
            "ownerReferences": [{"kind": kind, "name": owner, "uid": format!("uid-{owner}"), "controller": true}],
        },
        "spec": {"containers": [container("v2")], "restartPolicy": restart, "nodeName": "node-1"},
        "status": status,
    }))
}

/// The status of a pod whose container `api` is in this state.
pub fn pending(state: Value) -> Value {
    json!({
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "True"}],
        "containerStatuses": [{
            "name": "api", "ready": false, "started": false, "restartCount": 0, "lastState": {}, "state": state,
        }],
    })
}

pub fn waiting(reason: &str, message: &str) -> Value {
    json!({"waiting": {"reason": reason, "message": message}})
}

/// A container's end that began at 09:00 and lived for so long.
pub fn end(code: i64, reason: &str, lived: u32, message: &str) -> Value {
    json!({"terminated": {
        "exitCode": code, "reason": reason, "message": message, "containerID": "containerd://ab",
        "startedAt": "2026-11-27T09:00:00Z", "finishedAt": format!("2026-11-27T09:00:{lived:02}Z"),
    }})
}

/// The status of a pod whose container is in a state after so many restarts, the last of them from `before`.
pub fn restarted(restarts: i64, state: Value, before: Value) -> Value {
    let running = state.get("running").is_some();
    json!({
        "phase": "Running",
        "conditions": [{"type": "PodScheduled", "status": "True"}],
        "containerStatuses": [{
            "name": "api", "ready": false, "started": running, "restartCount": restarts,
            "lastState": before, "state": state,
        }],
    })
}

impl World {
    /// Puts a pod of the new replica set there.
    pub fn pod(&mut self, status: Value) {
        self.board.put(pod("api-new-1", "api-new", status));
    }

    /// An event about an object, in a container if there is one.
    pub fn event(&mut self, about: &str, reason: &str, message: &str) {
        self.events += 1;
        let name = format!("event-{}", self.events);
        self.counted(&name, about, (reason, message), 1);
    }

    /// The same, seen so often.
    pub fn counted(&mut self, event: &str, about: &str, said: (&str, &str), count: i64) {
        let (object, container) = about.split_once('/').unwrap_or((about, ""));
        let path = (!container.is_empty()).then(|| format!("spec.containers{{{container}}}"));
        self.board.put(Object(json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"namespace": "shop", "name": event, "uid": event},
            "involvedObject": {"namespace": "shop", "name": object, "uid": format!("uid-{object}"), "fieldPath": path},
            "reason": said.0, "message": said.1, "count": count,
            "lastTimestamp": format!("2026-11-27T09:00:{:02}Z", self.events),
        })));
    }

    pub fn look(&mut self, seconds: u64) -> Judgement {
        self.judge.look(&self.board, Duration::from_secs(seconds))
    }

    /// The finding by which it has failed.
    #[track_caller]
    pub fn failed(&mut self, seconds: u64) -> Finding {
        let judgement = self.look(seconds);
        match judgement.state {
            State::Failed(finding) => finding,
            other => panic!("{other:?}: {:#?}", judgement.findings),
        }
    }

    #[track_caller]
    pub fn waits(&mut self, seconds: u64) -> Judgement {
        let judgement = self.look(seconds);
        assert_eq!(judgement.state, State::Waiting);
        judgement
    }
}
