//! Releases that go well.

use opsctl_core::deploy::ReleaseNumber;
use opsctl_core::workloads::Object;

use super::stage::{Stage, deployment, inputs, named, objects, settings};

#[tokio::test]
async fn the_first_release_makes_everything_and_the_next_only_what_changed() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    assert_eq!(
        stage.cluster.changes(),
        [
            "apply ConfigMap app/settings",
            "apply Deployment app/api",
            "apply HorizontalPodAutoscaler app/api",
        ]
    );
    stage.deploy("deploy-2", "app:2").await.unwrap();
    assert_eq!(stage.cluster.changes()[3..], ["apply Deployment app/api"]);
    assert_eq!(stage.ends().await, ["succeeded", "succeeded"]);
}

#[tokio::test]
async fn what_is_as_it_shall_be_is_not_released_again() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    let plan = stage.plan("deploy-2", objects(), "app:1").await.unwrap();
    assert!(inputs(&plan).is_empty());
}

#[tokio::test]
async fn what_the_autoscaler_chose_is_neither_a_change_nor_undone() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    stage.cluster.edit(&deployment(), |object| {
        object["spec"]["replicas"] = 7.into()
    });
    stage.deploy("deploy-2", "app:2").await.unwrap();
    let live = stage.cluster.find(&deployment()).unwrap();
    assert_eq!(live.number("/spec/replicas"), 7);
}

#[tokio::test]
async fn what_the_release_no_longer_has_goes_and_what_somebody_else_made_stays() {
    let stage = Stage::new();
    let extra = |name: &str| {
        let mut object = settings("info");
        object.0["metadata"]["name"] = name.into();
        object
    };
    let first: Vec<Object> = objects().into_iter().chain([extra("old")]).collect();
    let plan = stage.plan("deploy-1", first, "app:1").await.unwrap();
    stage.execute(&plan).await.unwrap();
    let plan = stage.plan("deploy-2", objects(), "app:1").await.unwrap();
    stage.execute(&plan).await.unwrap();
    assert!(
        stage
            .cluster
            .find(&named("v1", "ConfigMap", "old"))
            .is_none()
    );
    assert!(
        stage
            .cluster
            .find(&named("v1", "ConfigMap", "settings"))
            .is_some()
    );
}

#[tokio::test]
async fn a_rollback_brings_the_earlier_release_and_a_second_one_goes_further_back() {
    let stage = Stage::new();
    for (id, image) in [
        ("deploy-1", "app:1"),
        ("deploy-2", "app:2"),
        ("deploy-3", "app:3"),
    ] {
        stage.deploy(id, image).await.unwrap();
    }
    let plan = stage.plan_back("rollback-1", None).await.unwrap();
    stage.execute(&plan).await.unwrap();
    assert_eq!(stage.image_that_runs(), "app:2");
    let plan = stage.plan_back("rollback-2", None).await.unwrap();
    stage.execute(&plan).await.unwrap();
    assert_eq!(stage.image_that_runs(), "app:1");
    assert_eq!(stage.history().await.len(), 5);
}

#[tokio::test]
async fn every_object_bears_the_release_that_wrote_it() {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    stage.deploy("deploy-2", "app:2").await.unwrap();
    let release = |name| {
        let live = stage.cluster.find(&name).unwrap();
        live.annotation("opsctl/release").map(str::to_owned)
    };
    assert_eq!(release(deployment()).as_deref(), Some("2"));
    let untouched = named("v1", "ConfigMap", "settings");
    assert_eq!(release(untouched).as_deref(), Some("1"));
    assert_eq!(stage.history().await[1].opened.number, ReleaseNumber(2));
}
