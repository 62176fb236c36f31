//! Releases that can't serve.

use opsctl_core::FailureKind;
use opsctl_core::deploy::Evidence;
use opsctl_core::deploy::release::evidence;
use opsctl_simulation::Fate;

use super::stage::Stage;

async fn broken_second() -> (Stage, opsctl_core::Failure) {
    let stage = Stage::new();
    stage.deploy("deploy-1", "app:1").await.unwrap();
    stage.cluster.decide("app:2", Fate::Missing);
    let failure = stage.deploy("deploy-2", "app:2").await.unwrap_err();
    (stage, failure)
}

#[tokio::test]
async fn a_release_that_cant_serve_is_taken_back_and_says_why() {
    let (stage, failure) = broken_second().await;
    assert_eq!(failure.kind, FailureKind::PromiseBroken, "{failure:?}");
    let causes = failure.causes.join("\n");
    assert!(causes.contains("image-not-found"), "{causes}");
    assert_eq!(stage.image_that_runs(), "app:1");
    assert_eq!(stage.ends().await, ["succeeded", "rolled back"]);
}

#[tokio::test]
async fn what_was_seen_of_the_failure_is_kept_although_its_pods_are_gone() {
    let (stage, _) = broken_second().await;
    let number = stage.history().await[1].opened.number;
    let seen: Option<Evidence> = evidence(stage.store.as_ref(), number).await.unwrap();
    let seen = seen.unwrap();
    assert!(!seen.findings.is_empty());
    assert_eq!(seen.pods[0].logs.len(), 1);
    let closed = stage.history().await[1].closed.clone().unwrap();
    assert!(
        closed.causes[0].starts_with("image-not-found"),
        "{closed:?}"
    );
}

#[tokio::test]
async fn the_first_release_has_nothing_to_go_back_to_and_takes_away_what_it_made() {
    let stage = Stage::new();
    stage.cluster.decide("app:1", Fate::Missing);
    stage.deploy("deploy-1", "app:1").await.unwrap_err();
    assert!(
        stage.cluster.names().is_empty(),
        "{:?}",
        stage.cluster.names()
    );
    assert_eq!(stage.ends().await, ["rolled back"]);
}

#[tokio::test]
async fn a_failed_release_is_never_what_a_later_one_goes_back_to() {
    let (stage, _) = broken_second().await;
    stage.cluster.decide("app:3", Fate::Missing);
    stage.deploy("deploy-3", "app:3").await.unwrap_err();
    assert_eq!(stage.image_that_runs(), "app:1");
}
