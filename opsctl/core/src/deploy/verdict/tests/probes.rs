//! Probes: never ready, killed by liveness, never started; readiness gates.

use serde_json::{Value, json};

use super::world::{end, pod, restarted, with, world};
use crate::deploy::verdict::CauseClass::{Fatal, Transient};
use crate::deploy::verdict::{Budgets, CauseCode};

const READINESS: &str = "Readiness probe failed: HTTP probe failed with statuscode: 503";
const KILLING: &str = "Container api failed liveness probe, will be restarted";

fn running() -> Value {
    restarted(
        0,
        json!({"running": {"startedAt": "2026-11-27T09:00:00Z"}}),
        json!({}),
    )
}

#[test]
fn a_container_that_is_never_ready_is_named_with_its_probes_answer() {
    let mut world = world();
    world.pod(running());
    world.event("api-new-1/api", "Unhealthy", READINESS);
    // The probe asks for 3 × 5 s and 1 s; it gets that three times.
    let judgement = world.waits(0);
    assert!(
        judgement.findings.is_empty(),
        "every start looks so for a while"
    );
    assert_eq!(judgement.again.unwrap().as_secs(), 48);
    world.waits(47);
    let finding = world.failed(48);
    assert_eq!(
        (finding.code, finding.class),
        (CauseCode::NeverReady, Transient)
    );
    assert_eq!(finding.message, format!("{READINESS} (for 48s)"));
}

#[test]
fn another_run_of_the_container_has_its_whole_time_again() {
    let mut world = with(Budgets {
        restarts: 9,
        ..Budgets::default()
    });
    world.pod(running());
    world.waits(0);
    world.pod(restarted(
        1,
        json!({"running": {}}),
        end(1, "Error", 30, ""),
    ));
    world.waits(40);
    world.waits(87);
    assert_eq!(world.failed(88).code, CauseCode::NeverReady);
}

#[test]
fn a_container_that_has_not_started_is_judged_by_its_startup_probe_alone() {
    let mut world = world();
    let mut status = running();
    status["containerStatuses"][0]["started"] = json!(false);
    world.pod(status);
    world.waits(0);
    world.waits(100);
    world.event("api-new-1/api", "Unhealthy", "Startup probe failed: Get \"https://10.0.0.7:8443/health/live\": dial tcp 10.0.0.7:8443: connect: connection refused");
    world.event(
        "api-new-1/api",
        "Killing",
        "Container api failed startup probe, will be restarted",
    );
    let finding = world.failed(101);
    assert_eq!(finding.code, CauseCode::StartupProbeFailed);
    assert!(
        finding.message.ends_with("connection refused"),
        "{}",
        finding.message
    );
}

#[test]
fn a_kill_by_the_liveness_probe_is_told_from_a_crash() {
    let mut world = world();
    world.event(
        "api-new-1/api",
        "Unhealthy",
        "Liveness probe failed: HTTP probe failed with statuscode: 500",
    );
    world.event("api-new-1/api", "Unhealthy", READINESS);
    world.event("api-new-1/api", "Killing", KILLING);
    world.pod(restarted(
        1,
        json!({"running": {}}),
        end(137, "Error", 40, ""),
    ));
    let finding = world.failed(1);
    assert_eq!(
        (finding.code, finding.class),
        (CauseCode::LivenessKilled, Fatal)
    );
    assert_eq!(
        finding.message,
        "Liveness probe failed: HTTP probe failed with statuscode: 500"
    );
}

#[test]
fn kills_inside_their_budget_are_no_crashes_either() {
    let mut world = with(Budgets {
        kills: 2,
        ..Budgets::default()
    });
    world.pod(restarted(
        2,
        json!({"running": {}}),
        end(137, "Error", 40, ""),
    ));
    world.counted("kills", "api-new-1/api", ("Killing", KILLING), 2);
    assert_eq!(world.waits(1).findings[0].code, CauseCode::LivenessKilled);
    world.counted("kills", "api-new-1/api", ("Killing", KILLING), 3);
    assert_eq!(world.failed(2).code, CauseCode::LivenessKilled);
}

#[test]
fn an_ordinary_stop_is_no_kill() {
    let mut world = world();
    world.pod(running());
    world.event("api-new-1/api", "Killing", "Stopping container api");
    assert!(world.waits(1).findings.is_empty());
}

#[test]
fn a_closed_readiness_gate_is_named_when_time_is_over() {
    let mut world = world();
    let mut status = running();
    status["containerStatuses"][0]["ready"] = json!(true);
    let mut gated = pod("api-new-1", "api-new", status);
    gated.0["spec"]["readinessGates"] =
        json!([{"conditionType": "target-health.elbv2.k8s.aws/api"}]);
    world.board.put(gated);
    assert!(world.waits(1).findings.is_empty());
    let finding = world.failed(301);
    assert_eq!(finding.code, CauseCode::ReadinessGateClosed);
    assert!(
        finding
            .message
            .starts_with("target-health.elbv2.k8s.aws/api: ")
    );
}
