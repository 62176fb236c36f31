//! Runs that die anywhere.

use opsctl_simulation::Fate;

use super::stage::{Stage, objects};

async fn with_one_release() -> Stage {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    stage
}

#[tokio::test]
async fn a_deploy_killed_at_any_boundary_is_resumed_to_the_same_end() {
    let stage = with_one_release().await;
    let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
    let count = stage.boundaries(&plan).await.len();
    assert!(count > 10, "{count}");
    let every = (0..count - 1).map(|at| async move {
        let stage = with_one_release().await;
        let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
        assert!(!stage.execute_until(&plan, at).await, "it lived past {at}");
        stage.resume(&plan).await.unwrap();
        assert_eq!(stage.image_that_runs(), "app:2", "killed at {at}");
        assert_eq!(
            stage.ends().await,
            ["succeeded", "succeeded"],
            "killed at {at}"
        );
        let applied = stage.cluster.changes();
        assert_eq!(applied.len(), 4, "killed at {at}: {applied:?}");
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_failing_deploy_killed_at_any_boundary_is_resumed_to_the_release_that_served() {
    let broken = || async {
        let stage = with_one_release().await;
        stage.cluster.decide("app:2", Fate::Missing);
        let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
        (stage, plan)
    };
    let (stage, plan) = broken().await;
    let count = stage.boundaries(&plan).await.len();
    let every = (0..count - 1).map(|at| async move {
        let (stage, plan) = broken().await;
        assert!(!stage.execute_until(&plan, at).await, "it lived past {at}");
        stage.resume(&plan).await.unwrap_err();
        assert_eq!(stage.image_that_runs(), "app:1", "killed at {at}");
        assert_eq!(
            stage.ends().await,
            ["succeeded", "rolled back"],
            "killed at {at}"
        );
    });
    futures::future::join_all(every).await;
}
