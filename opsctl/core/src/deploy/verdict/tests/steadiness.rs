//! What looks done and must stay so: pods that nobody asks, liveness probes that say no.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{World, deployment, end, expect, pod, restarted, set, with, world};
use crate::deploy::verdict::{Baseline, Budgets, CauseCode, Judge, State};
use crate::workloads::Object;

const LIVENESS: &str = "Liveness probe failed: HTTP probe failed with statuscode: 500";

fn whole() -> Object {
    deployment(json!({
        "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
    }))
}

fn without_a_probe(mut object: Object) -> Object {
    let container = &mut object.0["spec"]["template"]["spec"]["containers"][0];
    container.as_object_mut().unwrap().remove("readinessProbe");
    object
}

/// All pods are there, and nobody asks them anything.
fn unasked(tolerated: u32) -> World {
    let mut world = with(Budgets {
        restarts: tolerated,
        ..Budgets::default()
    });
    world.board.put(without_a_probe(whole()));
    world.board.put(without_a_probe(set("api-new", "v2", 3)));
    world
}

fn running() -> Value {
    json!({"running": {"startedAt": "2026-11-27T09:00:00Z"}})
}

#[test]
fn pods_that_nobody_asks_are_believed_after_a_while() {
    let mut world = unasked(0);
    let judgement = world.waits(10);
    assert_eq!(
        judgement.waits,
        ["Deployment shop/api: watched until it has lasted 15s: its pods have no readiness probe"]
    );
    assert_eq!(judgement.again.unwrap().as_secs(), 15);
    world.waits(24);
    assert_eq!(world.look(25).state, State::Healthy);
}

#[test]
fn who_looks_only_once_can_not_wait_for_what_lasts() {
    for mut world in [unasked(0), unwell("2026-11-27T09:00:00Z")] {
        let expected = vec![expect("apps/v1", "Deployment", "api", 2)];
        let budgets = Budgets {
            steady: Duration::ZERO,
            ..Budgets::default()
        };
        world.judge = Judge::new(expected, Baseline::default(), budgets);
        assert_eq!(world.look(0).state, State::Healthy);
    }
}

#[test]
fn one_that_ends_meanwhile_is_the_verdict() {
    let mut world = unasked(0);
    world.waits(0);
    world.pod(restarted(1, running(), end(1, "Error", 10, "")));
    assert_eq!(world.failed(10).code, CauseCode::CrashLoop);
}

#[test]
fn an_end_that_is_tolerated_starts_their_time_anew() {
    let mut world = unasked(1);
    world.pod(restarted(0, running(), json!({})));
    world.waits(0);
    world.pod(restarted(1, running(), end(1, "Error", 10, "")));
    world.waits(10);
    world.waits(24);
    assert_eq!(world.look(25).state, State::Healthy);
}

#[test]
fn what_kubernetes_watches_itself_is_not_watched_again() {
    let mut world = unasked(0);
    for (seconds, left) in [(5, 10), (15, 0), (60, 0)] {
        let mut slow = without_a_probe(whole());
        slow.0["spec"]["minReadySeconds"] = json!(seconds);
        world.board.put(slow);
        let again = world.look(1).again;
        assert_eq!(again.map_or(0, |it| it.as_secs()), left, "{seconds}");
    }
}

/// A pod that is ready since then, and whose liveness probe said no at 09:00:01.
fn unwell(ready_since: &str) -> World {
    let mut world = world();
    world.board.put(whole());
    world.board.put(set("api-new", "v2", 3));
    let mut status = restarted(0, running(), json!({}));
    status["conditions"] = json!([
        {"type": "Ready", "status": "True", "lastTransitionTime": ready_since}]);
    let mut found = pod("api-new-1", "api-new", status);
    found.0["spec"]["containers"][0]["livenessProbe"] =
        json!({"periodSeconds": 5, "failureThreshold": 3, "timeoutSeconds": 1});
    world.board.put(found);
    world.counted("no", "api-new-1/api", ("Unhealthy", LIVENESS), 1);
    world
}

#[test]
fn a_liveness_probe_that_says_no_must_fall_silent_first() {
    let mut world = unwell("2026-11-27T09:00:00Z");
    let judgement = world.waits(1);
    assert_eq!(
        judgement.waits,
        ["Deployment shop/api: watched until it has lasted 16s: a liveness probe has said no"]
    );
    world.counted("no", "api-new-1/api", ("Unhealthy", LIVENESS), 2);
    world.waits(6);
    world.waits(21);
    assert_eq!(world.look(22).state, State::Healthy);
}

#[test]
fn a_pod_that_became_ready_after_its_liveness_probe_said_no_has_recovered() {
    let mut world = unwell("2026-11-27T09:00:30Z");
    assert_eq!(world.look(1).state, State::Healthy);
}
