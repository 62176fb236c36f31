//! Jobs of a release: migrations and hooks.

use serde_json::{Value, json};

use super::world::{World, end, expect, judged, pending, pod, waiting};
use crate::deploy::verdict::CauseClass::{Fatal, Transient};
use crate::deploy::verdict::{Board, Budgets, CauseCode, Role, State};
use crate::workloads::Object;

fn job(status: Value) -> Object {
    Object(json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"namespace": "shop", "name": "migrate", "uid": "uid-migrate", "generation": 1},
        "spec": {"completions": 1, "backoffLimit": 2, "template": {"spec": {"containers": [{"name": "api"}]}}},
        "status": status,
    }))
}

fn world(role: Role) -> World {
    let mut board = Board::default();
    board.put(job(json!({"active": 1})));
    let mut expected = expect("batch/v1", "Job", "migrate", 1);
    expected.role = role;
    judged(board, vec![expected], Budgets::default())
}

fn gave_up() -> Object {
    let condition = |kind| {
        json!({
            "type": kind, "status": "True", "reason": "BackoffLimitExceeded",
            "message": "Job has reached the specified backoff limit",
        })
    };
    job(json!({"failed": 3, "conditions": [condition("FailureTarget"), condition("Failed")]}))
}

fn dead(name: &str, end: Value) -> Object {
    let mut status = pending(end);
    status["phase"] = json!("Failed");
    pod(name, "migrate", status)
}

#[test]
fn a_job_decides_itself_when_it_gives_up() {
    for (role, code) in [
        (Role::Migration, CauseCode::MigrationFailed),
        (Role::Hook, CauseCode::JobFailed),
    ] {
        let mut world = world(role);
        for name in ["migrate-1", "migrate-2", "migrate-3"] {
            world.board.put(dead(
                name,
                end(3, "Error", 1, "column \"email\" does not exist"),
            ));
        }
        let finding = world.waits(1).findings.remove(0);
        assert_eq!(
            (finding.code, finding.class),
            (CauseCode::CrashAtStart, Transient)
        );
        world.board.put(gave_up());
        let finding = world.failed(2);
        assert_eq!((finding.code, finding.class), (code, Fatal));
        for words in [
            "BackoffLimitExceeded",
            "exit code 3",
            "column \"email\" does not exist",
        ] {
            assert!(finding.message.contains(words), "{}", finding.message);
        }
    }
}

#[test]
fn a_job_whose_pod_can_never_start_fails_before_it_gives_up() {
    let mut world = world(Role::Migration);
    world.board.put(pod(
        "migrate-1",
        "migrate",
        pending(waiting(
            "ErrImagePull",
            "rpc error: code = NotFound desc = reg.example/shop/app:v2: not found",
        )),
    ));
    assert_eq!(world.failed(1).code, CauseCode::ImageNotFound);
}

#[test]
fn a_job_that_died_for_its_memory_is_named_so() {
    let mut world = world(Role::Hook);
    world
        .board
        .put(dead("migrate-1", end(137, "OOMKilled", 9, "")));
    world.waits(1);
    world.board.put(gave_up());
    assert_eq!(world.failed(2).code, CauseCode::OutOfMemory);
}

#[test]
fn a_job_whose_pods_are_gone_is_told_by_itself() {
    let mut world = world(Role::Hook);
    world.board.put(job(json!({"failed": 1, "conditions": [{
        "type": "Failed", "status": "True", "reason": "DeadlineExceeded",
        "message": "Job was active longer than specified deadline",
    }]})));
    let finding = world.failed(1);
    assert_eq!(
        finding.message,
        "DeadlineExceeded: Job was active longer than specified deadline"
    );
    assert_eq!(
        finding.hint,
        "kubectl -n shop logs job/migrate --all-containers"
    );
}

#[test]
fn a_job_that_could_make_no_pod_is_named_by_what_kept_it() {
    let mut world = world(Role::Hook);
    world.board.put(job(json!({})));
    world.event("migrate", "FailedCreate", "Error creating: pods \"migrate-x\" is forbidden: exceeded quota: team, requested: pods=1, used: pods=10, limited: pods=10");
    assert_eq!(world.failed(1).code, CauseCode::QuotaExceeded);
}

#[test]
fn a_job_is_done_when_it_is_complete() {
    let mut world = world(Role::Migration);
    assert_eq!(
        world.waits(1).waits,
        ["Job shop/migrate: 0 of 1 done, 1 running"]
    );
    world.board.put(job(
        json!({"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}),
    ));
    assert_eq!(world.look(2).state, State::Healthy);
}

#[test]
fn what_a_pod_died_of_is_told_after_the_controller_has_taken_it_away() {
    let mut world = world(Role::Migration);
    let pod = dead("migrate-1", end(3, "Error", 1, "relation \"users\" exists"));
    world.board.put(pod.clone());
    world.waits(1);
    world.board.remove(&pod.reference());
    world.board.put(gave_up());
    let message = world.failed(2).message;
    assert!(message.contains("migrate-1: exit code 3"), "{message}");
}

#[test]
fn a_job_that_is_complete_and_then_taken_away_stays_done() {
    let mut world = world(Role::Hook);
    let done = job(json!({"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}));
    world.board.put(done.clone());
    assert_eq!(world.look(1).state, State::Healthy);
    world.board.remove(&done.reference());
    assert_eq!(world.look(100).state, State::Healthy);
}
