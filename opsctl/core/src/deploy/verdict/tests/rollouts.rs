//! When a roll-out is done, kind by kind, and what its picture shows.

use serde_json::{Value, json};

use super::world::{deployment, expect, judged, pending, pod, restarted, set, waiting, world};
use crate::deploy::verdict::{Board, Budgets, CauseCode, Condition, State};
use crate::workloads::Object;

fn whole() -> Value {
    json!({
        "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
    })
}

#[test]
fn a_deployment_is_done_when_nothing_of_it_is_missing() {
    for (field, value, wait) in [
        (
            "observedGeneration",
            1,
            "its controller has not seen generation 2 yet",
        ),
        (
            "updatedReplicas",
            2,
            "2 of 3 pods are new; 1 old pod has to end",
        ),
        ("replicas", 5, "2 old pods have to end"),
        ("availableReplicas", 2, "2 of 3 pods are available"),
    ] {
        let mut world = world();
        let mut status = whole();
        status[field] = json!(value);
        world.board.put(deployment(status));
        let waits = world.waits(1).waits.join("; ");
        assert_eq!(waits.replace("Deployment shop/api: ", ""), wait);
        world.board.put(deployment(whole()));
        assert_eq!(world.look(2).state, State::Healthy);
    }
}

#[test]
fn a_deployment_of_an_older_generation_than_was_applied_is_not_judged() {
    let mut world = judged(
        world().board,
        vec![expect("apps/v1", "Deployment", "api", 3)],
        Budgets::default(),
    );
    world.board.put(deployment(whole()));
    assert_eq!(
        world.waits(1).waits,
        ["Deployment shop/api: generation 3 has not been seen yet"]
    );
}

#[test]
fn a_deployment_without_pods_is_done_at_once() {
    let mut world = world();
    let mut none = deployment(json!({"observedGeneration": 2}));
    none.0["spec"]["replicas"] = json!(0);
    world.board.put(none);
    assert_eq!(world.look(1).state, State::Healthy);
}

fn one(kind: &str, spec: Value, status: Value) -> State {
    let mut board = Board::default();
    board.put(Object(json!({
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"namespace": "shop", "name": "db", "uid": "uid-db", "generation": 2},
        "spec": spec, "status": status,
    })));
    judged(
        board,
        vec![expect("apps/v1", kind, "db", 2)],
        Budgets::default(),
    )
    .look(1)
    .state
}

#[test]
fn a_stateful_set_is_done_when_all_above_its_partition_are_new() {
    let status = |updated| {
        json!({
            "observedGeneration": 2, "replicas": 3, "readyReplicas": 3, "availableReplicas": 3,
            "updatedReplicas": updated, "currentRevision": "db-1", "updateRevision": "db-2",
        })
    };
    let rolling = |partition| json!({"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}});
    assert_eq!(one("StatefulSet", rolling(0), status(3)), State::Healthy);
    assert_eq!(one("StatefulSet", rolling(0), status(2)), State::Waiting);
    assert_eq!(one("StatefulSet", rolling(1), status(2)), State::Healthy);
}

#[test]
fn a_daemon_set_is_done_when_every_node_has_the_new_pod() {
    let status = |updated, available| {
        json!({
            "observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": updated, "numberAvailable": available,
        })
    };
    assert_eq!(one("DaemonSet", json!({}), status(3, 3)), State::Healthy);
    assert_eq!(one("DaemonSet", json!({}), status(2, 3)), State::Waiting);
    assert_eq!(one("DaemonSet", json!({}), status(3, 2)), State::Waiting);
}

#[test]
fn an_object_that_does_not_roll_out_is_done_when_it_is_there() {
    assert_eq!(
        one("ControllerRevision", json!({}), json!({})),
        State::Healthy
    );
}

#[test]
fn the_picture_shows_replica_sets_and_pods_with_a_reason_each() {
    let mut world = world();
    world.pod(pending(waiting(
        "ErrImagePull",
        "reg.example/shop/app:v2: not found",
    )));
    let mut ready = restarted(0, json!({"running": {}}), json!({}));
    ready["conditions"] = json!([{"type": "Ready", "status": "True"}]);
    world.board.put(pod("api-new-2", "api-new", ready));
    world.board.put(pod(
        "api-new-3",
        "api-new",
        pending(waiting("ContainerCreating", "")),
    ));
    world
        .board
        .put(pod("api-old-1", "api-old", json!({"phase": "Running"})));
    world.board.put(set("api-older", "v0", 0));
    let tree = world.look(1).tree;
    let mut told = Vec::new();
    for set in &tree[0].branches {
        told.push((set.object.name.as_str(), set.condition, set.reason.as_str()));
        for pod in &set.branches {
            told.push((pod.object.name.as_str(), pod.condition, pod.reason.as_str()));
        }
    }
    assert_eq!(tree[0].reason, "1 of 3 new, 3 available");
    assert_eq!(
        told,
        [
            ("api-new", Condition::Waiting, "new, 0 of 1 ready"),
            (
                "api-new-1",
                Condition::Bad,
                "image-not-found: reg.example/shop/app:v2: not found"
            ),
            ("api-new-2", Condition::Good, "ready"),
            ("api-new-3", Condition::Waiting, "api: ContainerCreating"),
            ("api-old", Condition::Leaving, "old, 0 of 3 ready"),
            ("api-old-1", Condition::Leaving, "old"),
        ]
    );
}

#[test]
fn of_several_causes_the_most_specific_is_the_verdict_in_whatever_order_they_come() {
    let crash = restarted(
        4,
        waiting("CrashLoopBackOff", ""),
        super::world::end(1, "Error", 1, ""),
    );
    let image = pending(waiting(
        "ErrImagePull",
        "reg.example/shop/app:v2: not found",
    ));
    for statuses in [[&crash, &image], [&image, &crash]] {
        let mut world = world();
        for (name, status) in ["api-new-1", "api-new-2"].iter().zip(statuses) {
            world.board.put(pod(name, "api-new", status.clone()));
        }
        let judgement = world.look(1);
        assert_eq!(judgement.findings[0].code, CauseCode::ImageNotFound);
        assert_eq!(judgement.findings[1].code, CauseCode::CrashAtStart);
        assert_eq!(
            judgement.state,
            State::Failed(judgement.findings[0].clone())
        );
    }
}
