//! What stands in a rotation's way: laggards, strangers, another rotation, something that somebody left.

use std::time::Duration;

use opsctl_core::FailureKind;
use opsctl_core::clock::Clock;
use opsctl_core::ports::{SecretValue, Stage as Mark};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::{Goal, SecretKind, standing};

use super::stage::Stage;

const DATABASE: SecretKind = SecretKind::Database;
const JWT: SecretKind = SecretKind::Jwt;

#[tokio::test]
async fn a_process_that_never_follows_is_named_and_serves_on_until_it_is_gone() {
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", DATABASE, Goal::Rotate)
        .await
        .unwrap();
    stage.secrets.hang("process 2", true);
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Stopped);
    assert!(
        failure
            .causes
            .iter()
            .any(|cause| cause.starts_with("process 2")),
        "{failure}"
    );
    let resume = "operation resume secrets-rotate-1";
    assert!(
        failure.hints.iter().any(|hint| hint.contains(resume)),
        "{:?}",
        failure.hints
    );
    stage.nobody_was_locked_out("while it hangs");
    stage.secrets.hang("process 2", false);
    stage.resume(&plan).await.unwrap();
    stage.nobody_was_locked_out("after it went on");
}

#[tokio::test]
async fn a_key_that_one_process_does_not_read_never_signs() {
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", JWT, Goal::Rotate)
        .await
        .unwrap();
    stage.secrets.hang("process 1", true);
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Failed, "{failure}");
    assert_eq!(stage.at(JWT, Mark::Current).unwrap(), "first");
    assert_eq!(stage.at(JWT, Mark::Pending), None);
    stage.nobody_was_locked_out("a laggard");
}

#[tokio::test]
async fn a_login_that_somebody_uses_is_not_changed_and_who_is_told() {
    let stage = Stage::new();
    stage
        .secrets
        .stranger("app_login_b", stage.platform.clock.now());
    let plan = stage
        .plan("secrets-rotate-1", DATABASE, Goal::Rotate)
        .await
        .unwrap();
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(
        failure.causes.iter().any(|cause| cause.contains("psql")),
        "{failure}"
    );
    assert_eq!(
        stage.at(DATABASE, Mark::Pending),
        None,
        "what was put is taken back"
    );
    stage.secrets.strangers_leave();
    let plan = stage
        .plan("secrets-rotate-2", DATABASE, Goal::Rotate)
        .await
        .unwrap();
    stage.execute(&plan).await.unwrap();
}

#[tokio::test]
async fn of_two_rotations_planned_at_once_one_runs() {
    let stage = Stage::new();
    let one = stage
        .plan("secrets-rotate-1", JWT, Goal::Rotate)
        .await
        .unwrap();
    let two = stage
        .plan("secrets-rotate-2", JWT, Goal::Rotate)
        .await
        .unwrap();
    let (first, second) = futures::future::join(stage.execute(&one), stage.execute(&two)).await;
    let refused = first.as_ref().err().or(second.as_ref().err()).unwrap();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert!(first.is_ok() || second.is_ok());
    stage.nobody_was_locked_out("two rotations");
    assert_eq!(stage.secrets.values().len(), 3, "one value was made up");
}

#[tokio::test]
async fn what_was_left_pending_is_used_and_what_holds_nothing_is_dropped() {
    for value in [true, false] {
        let stage = Stage::new();
        let left = value.then(|| SecretValue::Text(Secret::new("left-by-somebody".into())));
        stage
            .secrets
            .leave_pending(JWT, left, stage.platform.clock.now());
        let found = standing(&stage.world()).await.unwrap();
        let told = found.secrets.iter().flat_map(|it| &it.findings);
        assert!(
            told.into_iter()
                .any(|finding| finding.what.contains("orphan"))
        );
        let plan = stage
            .plan("secrets-rotate-1", JWT, Goal::Rotate)
            .await
            .unwrap();
        stage.execute(&plan).await.unwrap();
        let current = stage.at(JWT, Mark::Current).unwrap();
        assert_eq!(current == "orphan", value);
        stage.nobody_was_locked_out("an orphan");
    }
}

#[tokio::test]
async fn the_key_before_is_kept_until_its_tokens_are_over_and_then_forgotten() {
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", JWT, Goal::Rotate)
        .await
        .unwrap();
    stage.execute(&plan).await.unwrap();
    assert_eq!(stage.at(JWT, Mark::Previous).unwrap(), "first");
    let refused = stage
        .plan("secrets-rotate-2", JWT, Goal::Rotate)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    let finish = stage.plan_finish("secrets-finish-1", JWT).await.unwrap();
    // Killed while it waits, and gone on with when the time has come.
    let waiting = stage.killed(&finish, 1).await;
    assert!(waiting.is_err());
    assert_eq!(stage.at(JWT, Mark::Previous).unwrap(), "first");
    let later = stage.platform.clock.now().plus(Duration::from_secs(3660));
    stage.platform.clock.set(later);
    stage.resume(&finish).await.unwrap();
    assert_eq!(stage.at(JWT, Mark::Previous), None);
    stage.nobody_was_locked_out("the end");
    assert!(
        stage
            .plan("secrets-rotate-3", JWT, Goal::Rotate)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_drill_measures_both_ways_and_changes_nothing_that_lasts() {
    let stage = Stage::new();
    let plan = stage
        .plan("secrets-rotate-1", DATABASE, Goal::Drill)
        .await
        .unwrap();
    let result = stage.execute(&plan).await.unwrap().result;
    assert!(result["drill"]["there_seconds"].is_number(), "{result}");
    assert!(result["drill"]["back_seconds"].is_number(), "{result}");
    assert_eq!(result["current"], "first");
    assert_eq!(stage.at(DATABASE, Mark::Current).unwrap(), "first");
    stage.nobody_was_locked_out("a drill");
}
