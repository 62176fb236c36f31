//! Pruning: what is planned, what happens meanwhile, and deaths in the middle.

use opsctl_core::FailureKind;
use opsctl_core::backup::{DrillMark, mark_drilled, passed_drills};
use opsctl_core::clock::Clock;
use opsctl_core::names::{BackupId, OperationId};
use opsctl_core::pins::{Pin, pin};
use opsctl_core::restore::{Destination, Point};

use super::stock::{DAY, daily, names, plan_a_prune};
use crate::restore::stage::Stage;

fn a_pin(stage: &Stage, owner: &str) -> Pin {
    let now = stage.platform.clock.now();
    Pin {
        owner: OperationId::new(owner).unwrap(),
        reason: "somebody reads it".into(),
        since: now,
        until: Some(now.plus(DAY)),
    }
}

async fn pin_it(stage: &Stage, backup: &str, owner: &str) {
    let id = BackupId::new(backup).unwrap();
    pin(stage.store.as_ref(), &id, &a_pin(stage, owner))
        .await
        .unwrap();
}

#[tokio::test]
async fn old_ones_go_with_their_marks_and_the_rest_stays() {
    let stage = daily(35);
    let oldest = BackupId::new("day-0").unwrap();
    let newer = BackupId::new("day-2").unwrap();
    for backup in [&oldest, &newer] {
        let mark = DrillMark {
            drill: OperationId::new("drill-restore-1").unwrap(),
            passed_at: stage.platform.clock.now(),
        };
        mark_drilled(stage.store.as_ref(), backup, &mark)
            .await
            .unwrap();
    }
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    let deleted = &conclusion.result["deleted"];
    assert_eq!(*deleted, serde_json::json!(["day-0", "day-1", "day-3"]));
    assert_eq!(names(&stage).await.len(), 32);
    let marks = passed_drills(stage.store.as_ref(), &oldest).await.unwrap();
    assert!(marks.is_empty());
    let again = plan_a_prune(&stage, "backup-prune-2").await.unwrap();
    assert!(again.actions.is_empty());
    stage.execute(&again).await.unwrap();
}

#[tokio::test]
async fn a_prune_killed_at_any_boundary_and_resumed_deletes_what_was_planned() {
    let stage = daily(33);
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let count = stage.boundaries(&plan).await;
    let left = names(&stage).await;
    let every = (0..count).map(|at| {
        let left = left.clone();
        async move {
            let stage = daily(33);
            let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
            if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
                let deleted = &answer.unwrap().result["deleted"];
                assert_eq!(*deleted, serde_json::json!(["day-0", "day-1"]));
            }
            assert_eq!(names(&stage).await, left, "killed at {at}");
        }
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn one_that_was_pinned_after_the_plan_is_spared() {
    let stage = daily(33);
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    pin_it(&stage, "day-0", "restore-1").await;
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.result["deleted"], serde_json::json!(["day-1"]));
    assert_eq!(conclusion.result["spared"][0]["backup"], "day-0");
    assert!(names(&stage).await.contains(&"day-0".to_owned()));
}

#[tokio::test]
async fn one_that_an_open_restore_reads_stays_even_past_the_end_of_its_pin() {
    let stage = daily(33);
    let restore = stage
        .plan(
            "restore-1",
            Point::Backup(BackupId::new("day-0").unwrap()),
            Destination::Scratch,
        )
        .await
        .unwrap();
    let count = stage.boundaries(&restore).await;
    let stage = daily(33);
    // Dies in the middle, with its pin set.
    assert!(stage.killed(&restore, count / 2).await.is_err());
    let tomorrow = stage.platform.clock.now().plus(DAY * 2);
    stage.platform.clock.set(tomorrow);
    assert!(stage.platform.back_up("today").as_str() == "today");
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let objects: Vec<_> = plan.actions.iter().map(|a| a.object.as_str()).collect();
    assert!(!objects.contains(&"day-0"), "{objects:?}");
    assert!(objects.contains(&"day-1"));
}

#[tokio::test]
async fn a_pin_that_ended_and_whose_owner_is_over_keeps_nothing() {
    let stage = daily(33);
    pin_it(&stage, "day-0", "restore-long-gone").await;
    stage
        .platform
        .clock
        .set(stage.platform.clock.now().plus(DAY * 2));
    drop(stage.platform.back_up("today"));
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    assert_eq!(plan.actions[0].object, "day-0");
}

#[tokio::test]
async fn the_floor_is_read_and_a_damaged_newest_one_does_not_count() {
    let stage = daily(34);
    stage.platform.damage("day-33");
    stage.platform.damage("day-32");
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let floor: Vec<_> = plan.preconditions.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(floor, ["good backup day-30", "good backup day-31"]);
}

#[tokio::test]
async fn nothing_is_deleted_once_the_floor_gives_way() {
    let stage = daily(33);
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    stage.platform.lose_backup("day-32");
    let refused = stage.execute(&plan).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert_eq!(names(&stage).await.len(), 32);
}

#[tokio::test]
async fn a_clock_ten_years_ahead_deletes_nothing() {
    let stage = daily(28);
    let later = stage.platform.clock.now().plus(DAY * 3650);
    stage.platform.clock.set(later);
    drop(stage.platform.back_up("ahead"));
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    assert!(plan.actions.is_empty());
}
