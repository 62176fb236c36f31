//! Containers that end: at their start, later, by a signal, for their memory.

use serde_json::json;

use super::world::{end, pod, restarted, waiting, with, world};
use crate::deploy::verdict::CauseClass::{Fatal, Transient};
use crate::deploy::verdict::{Baseline, Budgets, CauseCode, Judge};

fn back_off() -> serde_json::Value {
    waiting(
        "CrashLoopBackOff",
        "back-off 10s restarting failed container=api pod=api-new-1_shop(ab)",
    )
}

#[test]
fn the_first_end_is_tolerated_and_the_second_is_the_verdict() {
    for (lived, code) in [
        (0, CauseCode::CrashAtStart),
        (4, CauseCode::CrashAtStart),
        (10, CauseCode::CrashLoop),
    ] {
        let mut world = world();
        world.pod(restarted(0, end(1, "Error", lived, ""), json!({})));
        let finding = world.waits(1).findings.remove(0);
        assert_eq!((finding.code, finding.class), (code, Transient));
        world.pod(restarted(
            1,
            json!({"running": {}}),
            end(1, "Error", lived, ""),
        ));
        world.waits(2);
        world.pod(restarted(1, back_off(), end(1, "Error", lived, "")));
        let finding = world.failed(3);
        assert_eq!((finding.code, finding.class), (code, Fatal));
        assert_eq!(
            finding.message,
            format!("exit code 1, after {lived} s (2 times, 1 tolerated)")
        );
    }
}

#[test]
fn the_budget_of_ends_is_kept_to() {
    let mut world = with(Budgets {
        restarts: 3,
        ..Budgets::default()
    });
    world.pod(restarted(2, back_off(), end(1, "Error", 10, "")));
    world.waits(1);
    world.pod(restarted(3, back_off(), end(1, "Error", 10, "")));
    assert_eq!(world.failed(2).code, CauseCode::CrashLoop);
}

#[test]
fn an_end_is_told_with_its_signal_and_its_last_words() {
    for (end, words) in [
        (
            end(139, "Error", 0, ""),
            "exit code 139, SIGSEGV, after 0 s",
        ),
        (
            end(134, "Error", 0, "panicked at src/main.rs:1\n"),
            "exit code 134, SIGABRT, after 0 s: panicked at src/main.rs:1",
        ),
        (
            end(0, "Completed", 0, ""),
            "ended by itself (exit code 0), after 0 s",
        ),
    ] {
        let mut world = world();
        world.pod(restarted(1, back_off(), end));
        let message = world.failed(1).message;
        assert!(message.starts_with(words), "{message}");
    }
}

#[test]
fn a_container_killed_for_its_memory_is_named_so() {
    let mut world = world();
    world.pod(restarted(1, back_off(), end(137, "OOMKilled", 7, "")));
    let finding = world.failed(1);
    assert_eq!(finding.code, CauseCode::OutOfMemory);
    assert_eq!(
        finding.message,
        "killed for its memory (exit code 137), after 7 s (2 times, 1 tolerated)"
    );
    assert!(finding.hint.contains("container api"), "{}", finding.hint);
}

#[test]
fn an_init_container_may_end_well_but_not_badly() {
    for (code, fails) in [(0, false), (3, true)] {
        let mut world = world();
        let mut status = restarted(0, waiting("PodInitializing", ""), json!({}));
        status["initContainerStatuses"] = json!([{
            "name": "wait", "restartCount": 1, "ready": false,
            "state": end(code, "Error", 1, ""), "lastState": end(code, "Error", 1, ""),
        }]);
        let mut made = pod("api-new-1", "api-new", status);
        made.0["spec"]["initContainers"] = json!([{"name": "wait"}]);
        world.board.put(made);
        if fails {
            let finding = world.failed(1);
            assert_eq!(finding.container.as_deref(), Some("wait"));
        } else {
            assert!(world.waits(1).findings.is_empty());
        }
    }
}

#[test]
fn a_container_that_its_node_lost_did_not_crash() {
    let mut world = world();
    world.pod(restarted(
        2,
        json!({"running": {}}),
        end(
            137,
            "ContainerStatusUnknown",
            0,
            "The container could not be located when the pod was terminated",
        ),
    ));
    assert_eq!(world.waits(1).findings[0].code, CauseCode::NodeLost);
}

#[test]
fn ends_of_before_the_release_do_not_count() {
    let mut world = world();
    world.pod(restarted(7, back_off(), end(1, "Error", 10, "")));
    let baseline = Baseline::of(&world.board);
    let expected = vec![super::world::expect("apps/v1", "Deployment", "api", 2)];
    world.judge = Judge::new(expected, baseline, Budgets::default());
    assert!(world.waits(1).findings.is_empty());
    world.pod(restarted(8, back_off(), end(1, "Error", 10, "")));
    world.waits(2);
    world.pod(restarted(9, back_off(), end(1, "Error", 10, "")));
    assert_eq!(
        world.failed(3).message,
        "exit code 1, after 10 s (2 times, 1 tolerated)"
    );
}

#[test]
fn pods_of_the_old_release_and_pods_on_their_way_out_do_not_count() {
    let mut world = world();
    let broken = restarted(9, back_off(), end(1, "Error", 0, ""));
    world.board.put(pod("api-old-1", "api-old", broken.clone()));
    let mut ending = pod("api-new-1", "api-new", broken);
    ending.0["metadata"]["deletionTimestamp"] = json!("2026-11-27T09:00:00Z");
    world.board.put(ending);
    assert!(world.waits(1).findings.is_empty());
}

#[test]
fn a_crash_whose_end_the_node_has_forgotten_is_still_one() {
    let mut world = world();
    world.pod(restarted(4, back_off(), json!({})));
    let finding = world.failed(1);
    assert_eq!((finding.code, finding.class), (CauseCode::CrashLoop, Fatal));
    assert!(
        finding.message.starts_with("back-off 10s"),
        "{}",
        finding.message
    );
}
