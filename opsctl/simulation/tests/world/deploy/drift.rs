//! People and other deploys that come between a plan and its run.

use opsctl_core::FailureKind;
use opsctl_core::deploy::{status, watch_status};
use serde_json::json;

use super::stage::{Stage, deployment, named, objects, settings};

#[tokio::test]
async fn a_field_that_somebody_changed_after_the_plan_stops_the_run_before_it_begins() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
    stage.cluster.edit(&deployment(), |object| {
        object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("app:hand");
    });
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
    assert_eq!(stage.image_that_runs(), "app:hand");
}

#[tokio::test]
async fn a_field_that_nobody_planned_may_change_meanwhile() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
    stage.cluster.edit(&deployment(), |object| {
        object["status"]["note"] = json!("new")
    });
    stage.execute(&plan).await.unwrap();
    assert_eq!(stage.image_that_runs(), "app:2");
}

#[tokio::test]
async fn of_two_plans_made_at_once_only_the_first_that_runs_may() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    let one = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
    let other = stage.plan("deploy-3", objects(), "app:3").await.unwrap();
    stage.execute(&one).await.unwrap();
    let failure = stage.execute(&other).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
    assert_eq!(stage.image_that_runs(), "app:2");
}

#[tokio::test]
async fn following_ends_at_once_when_all_serve() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    let told = std::sync::atomic::AtomicU32::new(0);
    let count = |_: &_| {
        told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let found = watch_status(&stage.world(), count).await.unwrap();
    assert!(found.healthy);
    assert_eq!(
        told.into_inner(),
        0,
        "what is well at once is told once, as the answer"
    );
}

#[tokio::test]
async fn status_says_what_somebody_changed_and_says_nothing_of_the_autoscaler() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    stage.cluster.edit(&deployment(), |object| {
        object["spec"]["replicas"] = json!(5)
    });
    let quiet = status(&stage.world()).await.unwrap();
    assert!(quiet.drift.is_empty(), "{:?}", quiet.drift);
    stage
        .cluster
        .edit(&named("v1", "ConfigMap", "settings"), |object| {
            object["data"] = settings("debug").0["data"].clone();
        });
    let found = status(&stage.world()).await.unwrap();
    let drifted: Vec<String> = found.drift.iter().map(|it| it.object.to_string()).collect();
    assert_eq!(drifted, ["ConfigMap app/settings"]);
}
