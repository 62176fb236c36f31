//! Removing a database that a cut-over set aside: never the live one, and whole or not at all.

use opsctl_core::FailureKind;
use opsctl_core::engine::{Plan, Severity};
use opsctl_core::names::LineageId;
use opsctl_core::restore::{Doomed, Live, plan_removal};

use super::cut_over::planned;
use super::stage::{Stage, before_and_after};

const OLD: &str = "sqlite:/live/app.sqlite3";

async fn cut_over() -> (Stage, LineageId) {
    let (stage, _) = before_and_after();
    let old = stage.platform.live().identity.lineage_id;
    stage.execute(&planned(&stage).await).await.unwrap();
    (stage, old)
}

async fn removal(stage: &Stage, lineage: LineageId) -> opsctl_core::Result<Plan> {
    let world = stage.world();
    let live = Live::see(&world).await?;
    let doomed = Doomed::see(&world, &live, lineage).await?;
    plan_removal(&stage.basis("restore-set-aside-1"), &live, &doomed)
}

async fn is_gone(stage: &Stage, at: usize) {
    assert!(stage.platform.database(OLD).is_none(), "killed at {at}");
    assert!(
        stage.register().await.set_aside.is_empty(),
        "killed at {at}"
    );
    assert_eq!(
        stage.platform.live().keys("users"),
        ["ada"],
        "killed at {at}"
    );
}

#[tokio::test]
async fn the_question_says_what_is_lost_and_that_there_is_no_way_back() {
    let (stage, old) = cut_over().await;
    let plan = removal(&stage, old).await.unwrap();
    assert_eq!(plan.severity, Severity::Severe);
    let told = |name: &str| plan.context.iter().find(|fact| fact.name == name);
    assert!(told("undo").unwrap().value.contains("no way back"));
    let lost = &told("only there in users").unwrap().value;
    assert!(lost.starts_with("1 rows"), "{lost}");
}

#[tokio::test]
async fn a_removal_killed_at_any_boundary_and_resumed_ends_like_an_undisturbed_one() {
    let (stage, old) = cut_over().await;
    let count = stage.boundaries(&removal(&stage, old).await.unwrap()).await;
    assert_eq!(count, 1 + 2 * 4 + 1, "opened, four a step, closed");
    is_gone(&stage, count).await;
    let every = (0..count).map(|at| async move {
        let (stage, old) = cut_over().await;
        let plan = removal(&stage, old).await.unwrap();
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        is_gone(&stage, at).await;
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn the_database_that_serves_and_one_that_nobody_set_aside_are_refused() {
    let (stage, _) = cut_over().await;
    let live = stage.platform.live().identity.lineage_id;
    let stranger = LineageId(uuid::Uuid::from_u128(7));
    for lineage in [live, stranger] {
        let refused = removal(&stage, lineage).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused);
        assert!(refused.hints[0].ends_with("restore set-aside list"));
    }
}

#[tokio::test]
async fn while_an_undo_is_open_that_needs_it_nothing_is_removed() {
    let (stage, old) = cut_over().await;
    let plan = removal(&stage, old).await.unwrap();
    let undo = stage.plan_undo("restore-undo-1").await.unwrap();
    assert!(stage.killed(&undo, 6).await.is_err());
    let refused = stage.execute(&plan).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Locked, "{refused}");
    assert!(stage.platform.database(OLD).is_some());
}

#[tokio::test]
async fn a_database_that_went_back_to_serving_since_the_plan_is_kept() {
    let (stage, old) = cut_over().await;
    let plan = removal(&stage, old).await.unwrap();
    let undo = stage.plan_undo("restore-undo-1").await.unwrap();
    stage.execute(&undo).await.unwrap();
    let refused = stage.execute(&plan).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert!(stage.platform.database(OLD).is_some());
}
