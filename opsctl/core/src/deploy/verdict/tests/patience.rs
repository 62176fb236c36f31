//! Time: what stands still, what outlives its grace, an API server that is away.

use std::time::Duration;

use serde_json::json;

use super::world::{deployment, expect, judged, pending, restarted, waiting, with, world};
use crate::deploy::verdict::CauseClass::Fatal;
use crate::deploy::verdict::{Baseline, Board, Budgets, CauseCode, Judge, State};

const BUSY: &str = "unexpected status code [manifests v2]: 429 Too Many Requests";

fn late(update: &str) -> crate::workloads::Object {
    deployment(json!({
        "observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3, "availableReplicas": 3,
        "conditions": [{
            "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
            "message": "ReplicaSet \"api-new\" has timed out progressing.", "lastUpdateTime": update,
        }],
    }))
}

fn whole() -> crate::workloads::Object {
    deployment(json!({
        "observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
    }))
}

#[test]
fn a_roll_out_that_stands_still_for_no_visible_reason_is_named_so() {
    let mut world = world();
    world.waits(0);
    world.waits(299);
    let finding = world.failed(300);
    assert_eq!(
        (finding.code, finding.class),
        (CauseCode::ProgressDeadline, Fatal)
    );
    assert_eq!(
        finding.message,
        "no progress for 5m: 1 of 3 pods are new; 3 old pods have to end"
    );
}

#[test]
fn a_step_forward_starts_its_time_anew() {
    let mut world = world();
    world.waits(0);
    world.board.put(deployment(json!({
        "observedGeneration": 2, "replicas": 4, "updatedReplicas": 2, "readyReplicas": 4, "availableReplicas": 4,
    })));
    world.waits(299);
    world.waits(598);
    assert_eq!(world.failed(599).code, CauseCode::ProgressDeadline);
}

#[test]
fn the_controllers_own_deadline_names_what_is_suspicious() {
    let mut world = world();
    world.board.put(late("2026-11-27T09:10:00Z"));
    assert_eq!(world.failed(1).code, CauseCode::ProgressDeadline);
    world.pod(pending(waiting("ImagePullBackOff", BUSY)));
    assert_eq!(world.failed(2).code, CauseCode::ImagePullTransient);
}

#[test]
fn a_deadline_that_passed_before_the_release_does_not_fail_a_good_way_back() {
    let mut board = world().board;
    board.put(late("2026-11-27T08:00:00Z"));
    let mut world = judged(board, Vec::new(), Budgets::default());
    let expected = vec![expect("apps/v1", "Deployment", "api", 2)];
    world.judge = Judge::new(expected, Baseline::of(&world.board), Budgets::default());
    world.waits(1);
    world.board.put(late("2026-11-27T09:20:00Z"));
    assert_eq!(world.failed(2).code, CauseCode::ProgressDeadline);
}

#[test]
fn the_whole_time_ends_every_patience_with_the_most_specific_cause() {
    let budgets = Budgets {
        deadline: Duration::from_secs(30),
        ..Budgets::default()
    };
    let mut world = with(budgets);
    assert_eq!(world.waits(29).again, Some(Duration::from_secs(1)));
    assert_eq!(world.failed(30).code, CauseCode::DeadlineExceeded);
    world.pod(restarted(0, json!({"running": {}}), json!({})));
    assert_eq!(world.failed(31).code, CauseCode::NeverReady);
}

#[test]
fn slow_probes_are_given_the_time_that_they_ask_for() {
    let mut world = world();
    let mut slow =
        deployment(json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1}));
    slow.0["spec"]["template"]["spec"]["containers"][0]["startupProbe"] =
        json!({"periodSeconds": 10, "failureThreshold": 60});
    world.board.put(slow);
    world.waits(0);
    world.waits(700);
    assert_eq!(world.failed(720).code, CauseCode::ProgressDeadline);
}

#[test]
fn an_api_server_that_is_away_for_a_while_costs_the_release_nothing() {
    let mut world = world();
    world.pod(pending(waiting("ImagePullBackOff", BUSY)));
    world.waits(0);
    world.waits(50);
    world.board.away("connection refused");
    assert_eq!(
        world.waits(50).findings.last().unwrap().code,
        CauseCode::ApiUnreachable
    );
    world.waits(70);
    world.board.back();
    world.waits(70);
    world.waits(79);
    assert_eq!(world.failed(80).code, CauseCode::ImagePullTransient);
}

#[test]
fn an_api_server_that_stays_away_is_the_verdict() {
    let mut world = world();
    world.waits(0);
    world.board.away("connection refused");
    assert_eq!(world.waits(10).again, Some(Duration::from_secs(120)));
    let finding = world.failed(130);
    assert_eq!(
        (finding.code, finding.message.as_str()),
        (CauseCode::ApiUnreachable, "connection refused")
    );
}

#[test]
fn what_can_not_be_seen_is_not_called_healthy() {
    let mut world = world();
    world.board.put(whole());
    world.board.away("connection refused");
    world.waits(1);
    world.board.back();
    assert_eq!(world.look(2).state, State::Healthy);
}

#[test]
fn a_workload_that_is_gone_has_a_grace_and_is_then_named() {
    let expected = vec![expect("apps/v1", "Deployment", "api", 2)];
    let mut world = judged(Board::default(), expected, Budgets::default());
    assert_eq!(
        world.waits(0).waits,
        ["Deployment shop/api: it is not there"]
    );
    assert_eq!(world.failed(60).code, CauseCode::WorkloadGone);
}

#[test]
fn a_release_that_changed_no_workload_is_healthy_at_once() {
    let mut world = judged(Board::default(), Vec::new(), Budgets::default());
    assert_eq!(world.look(0).state, State::Healthy);
}
