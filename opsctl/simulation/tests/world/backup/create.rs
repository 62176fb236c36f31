//! Taking a backup.

use opsctl_core::FailureKind;
use opsctl_core::engine::Severity;

use super::stock::{daily, empty, names, plan_a_backup};

#[tokio::test]
async fn a_backup_is_taken_without_a_question_and_without_a_lock() {
    let stage = empty();
    let plan = plan_a_backup(&stage, "backup-create-1").await.unwrap();
    assert_eq!(plan.severity, Severity::Mild);
    assert!(plan.resources.is_empty());
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.result["backup"]["id"], "backup-create-1");
    assert_eq!(names(&stage).await, ["backup-create-1"]);
}

#[tokio::test]
async fn a_backup_killed_at_any_boundary_and_resumed_is_taken_once() {
    let stage = empty();
    let plan = plan_a_backup(&stage, "backup-create-1").await.unwrap();
    let count = stage.boundaries(&plan).await;
    assert!(count > 4);
    let every = (0..count).map(|at| async move {
        let stage = empty();
        let plan = plan_a_backup(&stage, "backup-create-1").await.unwrap();
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        assert_eq!(names(&stage).await, ["backup-create-1"], "killed at {at}");
        assert!(!stage.view(&plan).await.is_open());
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_backup_that_can_t_be_read_back_breaks_the_promise() {
    let stage = daily(1);
    let plan = plan_a_backup(&stage, "backup-create-1").await.unwrap();
    stage.platform.damage("backup-create-1");
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::PromiseBroken, "{failure}");
    assert!(failure.to_string().contains("app.sqlite3"), "{failure}");
}

#[tokio::test]
async fn an_environment_without_a_database_is_refused_with_the_way_out() {
    let stage = empty();
    stage.platform.forget_descriptor();
    let refused = plan_a_backup(&stage, "backup-create-1").await.unwrap_err();
    assert!(refused.hints[0].contains("migrate up"), "{refused}");
}

#[tokio::test]
async fn a_plan_for_another_database_is_refused() {
    let stage = empty();
    let plan = plan_a_backup(&stage, "backup-create-1").await.unwrap();
    stage.platform.change_descriptor(|descriptor| {
        descriptor.lineage_id = opsctl_core::names::LineageId(uuid::Uuid::new_v4());
    });
    let refused = stage.execute(&plan).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(names(&stage).await.is_empty());
}
