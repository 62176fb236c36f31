//! Exports: killed anywhere, with any answer lost, made once; and pruned with a floor of their own.

use opsctl_core::FailureKind;
use opsctl_core::Result;
use opsctl_core::backup::{Source, overview, plan_export};
use opsctl_core::clock::Clock;
use opsctl_core::engine::{Plan, Severity};
use opsctl_core::names::{BackupId, OperationId};
use opsctl_simulation::CallFault;

use super::stock::{DAY, daily, empty, names, plan_a_prune};
use crate::restore::stage::Stage;

async fn plan_one(stage: &Stage, id: &str) -> Result<Plan> {
    let world = stage.world();
    plan_export(&Source {
        operation: OperationId::new(id)?,
        environment: world.environment.name.clone(),
        now: world.clock.now(),
        descriptor: world.pointer.read().await?,
        newest: None,
        opsctl_version: "0.1.0".into(),
    })
}

fn exported(stage: &Stage) -> Vec<String> {
    let exports = stage.platform.exported();
    assert_eq!(exports.begun, [], "nothing half done is paid for");
    exports.complete.keys().map(ToString::to_string).collect()
}

/// So many daily exports beside as many backups, the oldest first.
async fn daily_exports(days: u32) -> Stage {
    let stage = daily(days);
    let clock = stage.platform.clock.clone();
    let today = clock.now();
    for day in 0..days {
        clock.set(today.minus(DAY * (days - 1 - day)));
        let plan = plan_one(&stage, &format!("export-{day:02}")).await.unwrap();
        stage.execute(&plan).await.unwrap();
    }
    stage
}

#[tokio::test]
async fn an_export_is_made_without_a_question_and_is_no_backup_of_the_server() {
    let stage = empty();
    let plan = plan_one(&stage, "backup-export-1").await.unwrap();
    assert_eq!(plan.severity, Severity::Mild);
    assert!(plan.resources.is_empty());
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.result["export"]["id"], "backup-export-1");
    assert_eq!(exported(&stage), ["backup-export-1"]);
    assert_eq!(names(&stage).await, Vec::<String>::new());
    let seen = serde_json::to_value(overview(&stage.world()).await.unwrap()).unwrap();
    assert_eq!(seen["exports"][0]["kind"], "export");
    assert_eq!(seen["backups"], serde_json::json!([]));
}

#[tokio::test]
async fn killed_at_any_boundary_with_any_answer_lost_it_is_made_once() {
    let stage = empty();
    let plan = plan_one(&stage, "backup-export-1").await.unwrap();
    let count = stage.boundaries(&plan).await;
    assert!(count > 4);
    let faults = [
        None,
        Some(CallFault::LostAnswer),
        Some(CallFault::LostCall),
        Some(CallFault::Refusal),
    ];
    let cases = (0..count).flat_map(|at| faults.map(|fault| (at, fault)));
    let every = cases.map(|(at, fault)| async move {
        let stage = empty();
        stage.platform.change_exports(|it| it.fault = fault);
        let plan = plan_one(&stage, "backup-export-1").await.unwrap();
        drop(stage.killed(&plan, at).await);
        for _ in 0..2 {
            if stage.view(&plan).await.is_open() {
                drop(stage.resume(&plan).await);
            }
        }
        let what = format!("killed at {at}, {fault:?}");
        assert!(!stage.view(&plan).await.is_open(), "{what}");
        let made = stage.platform.exported().complete.len();
        assert!(made == 1 || fault.is_some(), "{what}: {made}");
        // What a failed run could not give up, the next one does.
        let next = plan_one(&stage, "backup-export-2").await.unwrap();
        stage.execute(&next).await.unwrap();
        let all = exported(&stage);
        assert_eq!(all.len(), made + 1, "{what}: {all:?}");
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn one_that_is_not_what_was_written_is_told_at_once() {
    let stage = empty();
    stage.platform.damage("backup-export-1");
    let plan = plan_one(&stage, "backup-export-1").await.unwrap();
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unknown, "{failure}");
    assert!(failure.to_string().contains("dump"), "{failure}");
}

#[tokio::test]
async fn old_exports_go_with_old_backups_and_each_keeps_its_own_floor() {
    let stage = daily_exports(33).await;
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    let deleted = &conclusion.result["deleted"];
    let expected = ["day-0", "day-1", "export-00", "export-01"];
    assert_eq!(*deleted, serde_json::json!(expected));
    assert_eq!(
        (exported(&stage).len(), names(&stage).await.len()),
        (31, 31)
    );
}

#[tokio::test]
async fn where_no_export_is_good_none_is_deleted_however_good_the_backups_are() {
    let stage = daily_exports(33).await;
    for id in stage.platform.exported().complete.keys() {
        stage.platform.damage(id.as_str());
    }
    let refused = plan_a_prune(&stage, "backup-prune-1").await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert_eq!(exported(&stage).len(), 33);
}

#[tokio::test]
async fn a_prune_of_exports_killed_at_any_boundary_deletes_what_was_planned() {
    let stage = daily_exports(32).await;
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let count = stage.boundaries(&plan).await;
    for at in 0..count {
        let stage = daily_exports(32).await;
        let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            let deleted = &answer.unwrap().result["deleted"];
            assert_eq!(*deleted, serde_json::json!(["day-0", "export-00"]));
        }
        let gone = BackupId::new("export-00").unwrap();
        let left = stage.platform.exported().complete;
        assert!(!left.contains_key(&gone), "killed at {at}");
        assert_eq!(left.len(), 31, "killed at {at}");
    }
}
