//! Failures: what is undone, what stays open, and what the exit code says.

use opsctl_core::FailureKind;
use opsctl_core::engine::{StopReason, When};
use opsctl_core::names::StepName;

use crate::bench::{Bench, refusal};

fn with_a_way_back() -> Bench {
    Bench::new(vec![
        ("one", When::Success),
        ("two", When::Success),
        ("clean", When::Always),
        ("back", When::Failure),
    ])
}

#[tokio::test]
async fn a_failed_step_is_followed_by_the_way_back_and_the_operation_is_over() {
    let bench = with_a_way_back();
    bench.effects.fail("two");
    let failure = refusal(bench.execute(&bench.run()).await);
    assert_eq!(failure.kind, FailureKind::Failed);
    assert!(failure.left_behind.is_some());
    let applied = bench.effects.applied();
    assert!(
        applied.contains_key("clean") && applied.contains_key("back"),
        "{applied:?}"
    );
    assert!(!bench.view().await.unwrap().is_open());
}

#[tokio::test]
async fn the_way_back_is_not_taken_when_all_goes_well() {
    let bench = with_a_way_back();
    bench.execute(&bench.run()).await.unwrap();
    let applied = bench.effects.applied();
    assert!(
        applied.contains_key("clean") && !applied.contains_key("back"),
        "{applied:?}"
    );
}

#[tokio::test]
async fn a_way_back_that_fails_leaves_the_state_unknown_and_the_operation_open() {
    let bench = with_a_way_back();
    bench.effects.fail("two");
    bench.effects.fail("back");
    let failure = refusal(bench.execute(&bench.run()).await);
    assert_eq!(failure.kind, FailureKind::Unknown);
    assert!(bench.view().await.unwrap().is_open());
    bench.effects.mend("back");
    assert_eq!(
        refusal(bench.resume(&bench.run()).await).kind,
        FailureKind::Failed
    );
    assert!(!bench.view().await.unwrap().is_open());
}

#[tokio::test]
async fn past_the_point_of_no_return_a_failure_stays_open_and_is_tried_again() {
    let mut bench = with_a_way_back();
    bench.plan.point_of_no_return = Some(StepName::new("two").unwrap());
    bench.effects.fail("two");
    let failure = refusal(bench.execute(&bench.run()).await);
    assert_eq!(failure.kind, FailureKind::Stopped);
    assert!(
        failure
            .hints
            .iter()
            .any(|hint| hint.contains("operation resume"))
    );
    bench.effects.mend("two");
    bench.resume(&bench.run()).await.unwrap();
    assert!(!bench.effects.applied().contains_key("back"));
}

#[tokio::test]
async fn an_interrupt_stops_at_a_boundary_and_says_how_to_go_on() {
    let bench = Bench::three_steps();
    let run = bench.run();
    run.interrupt.request(StopReason::Interrupted);
    let failure = refusal(bench.execute(&run).await);
    assert_eq!(failure.kind.exit_code(), 7);
    assert!(
        failure
            .hints
            .iter()
            .any(|hint| hint.contains("operation resume backup-create-1"))
    );
    bench.resume(&bench.run()).await.unwrap();
}

#[tokio::test]
async fn a_world_that_changed_since_the_plan_is_refused_before_anything_happens() {
    let bench = Bench::three_steps();
    bench.effects.change_world("another");
    let failure = refusal(bench.execute(&bench.run()).await);
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(
        failure
            .causes
            .iter()
            .any(|cause| cause.contains("now 'another'"))
    );
    assert!(bench.effects.applied().is_empty());
}
