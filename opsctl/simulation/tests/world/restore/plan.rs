//! What is refused before anything is done.

use std::time::Duration;

use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::names::BackupId;
use opsctl_core::ports::RestoreWindow;
use opsctl_core::restore::{Destination, Point, Source};
use opsctl_core::{Failure, FailureKind};

use super::stage::{Stage, before_and_after, cut_over};

async fn refusal(stage: &Stage, point: Point, destination: Destination) -> Failure {
    let plan = stage.plan("restore-1", point, destination).await;
    let failure = plan.expect_err("it should have been refused");
    let told = failure.left_behind.as_deref();
    assert_eq!(told, Some("nothing was changed"), "{failure}");
    failure
}

async fn scratch(stage: &Stage, point: Point) -> Failure {
    refusal(stage, point, Destination::Scratch).await
}

#[tokio::test]
async fn a_backup_that_does_not_exist_is_refused_and_those_that_do_are_named() {
    let (stage, _) = before_and_after();
    let point = Point::Backup(BackupId::new("sunday").unwrap());
    let failure = scratch(&stage, point).await;
    assert!(failure.to_string().contains("backup 'monday'"), "{failure}");
}

#[tokio::test]
async fn a_time_is_refused_where_there_is_no_window_and_the_backups_are_shown() {
    let (stage, _) = before_and_after();
    let failure = scratch(&stage, Point::Time(stage.platform.clock.now())).await;
    assert!(failure.what.contains("no restore window"), "{failure}");
    assert!(failure.to_string().contains("backup 'monday'"), "{failure}");
}

fn minute(number: u32) -> Timestamp {
    Timestamp::parse(&format!("2026-11-23T12:{number:02}:00Z")).unwrap()
}

/// Backups at 12:00 and 12:20, a window to 12:30, and it is 12:40.
fn with_window() -> Stage {
    let (stage, _) = before_and_after();
    stage.platform.clock.set(minute(20));
    drop(stage.platform.back_up("later"));
    stage.platform.clock.set(minute(40));
    stage.platform.open_window(RestoreWindow {
        from: minute(0),
        to: minute(30),
        gaps: Vec::new(),
    });
    stage
}

#[tokio::test]
async fn a_time_outside_the_window_is_refused_and_the_window_is_shown() {
    let stage = with_window();
    let early = minute(0).minus(Duration::from_secs(1));
    for (to, word) in [
        (minute(31), "past"),
        (early, "before"),
        (minute(41), "future"),
    ] {
        let failure = scratch(&stage, Point::Time(to)).await;
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.what.contains(word), "{failure}");
        assert!(failure.to_string().contains("12:30:00Z"), "{failure}");
    }
}

#[tokio::test]
async fn recovery_begins_at_the_newest_base_that_was_complete_by_then() {
    let stage = with_window();
    for (to, base) in [(0, "monday"), (19, "monday"), (20, "later"), (30, "later")] {
        let point = Point::Time(minute(to));
        let plan = stage.plan("restore-1", point, Destination::Scratch).await;
        assert_eq!(plan.unwrap().inputs["target"]["base"], base, "to 12:{to}");
    }
}

#[tokio::test]
async fn a_silent_source_and_one_that_answers_each_need_the_right_word() {
    let (stage, _) = before_and_after();
    let failure = refusal(&stage, Point::Newest, cut_over(Source::Unreachable)).await;
    assert!(failure.what.contains("answers"), "{failure}");
    let url = stage.platform.descriptor().location.url;
    stage.platform.change(&url, |live| live.answers = false);
    let failure = refusal(&stage, Point::Newest, cut_over(Source::Reachable)).await;
    assert!(
        failure.hints[0].contains("--source-unreachable"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_backup_of_another_instance_never_replaces_the_live_database() {
    let (stage, _) = before_and_after();
    let other = |descriptor: &mut opsctl_core::ports::Descriptor| {
        descriptor.instance_id = opsctl_core::names::InstanceId(uuid::Uuid::new_v4());
    };
    stage.platform.change_descriptor(other);
    let failure = refusal(&stage, Point::Newest, cut_over(Source::Reachable)).await;
    assert!(failure.what.contains("is of instance"), "{failure}");
}

#[tokio::test]
async fn an_application_that_another_operation_froze_is_left_alone() {
    let (stage, _) = before_and_after();
    stage.platform.change_descriptor(|descriptor| {
        let holder = "restore-0".into();
        descriptor.other.insert("frozen_by".into(), holder);
    });
    let failure = refusal(&stage, Point::Newest, cut_over(Source::Reachable)).await;
    assert!(failure.what.contains("frozen by restore-0"), "{failure}");
}
