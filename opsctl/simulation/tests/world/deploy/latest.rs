//! `latest` follows what serves, and never what does not.

use opsctl_core::image::{Digest, Repository};
use opsctl_core::ports::ImagePlace;
use opsctl_simulation::Fate;

use super::stage::{Stage, objects};
use crate::image::image;

fn repository() -> Repository {
    "registry.example/team/app".parse().unwrap()
}

/// An image in the repository under that tag: the reference that a release has it by.
fn there(stage: &Stage, tag: &str) -> String {
    let (repository, image) = (repository(), image(tag));
    let place = ImagePlace::Repository(repository.clone());
    stage.platform.lay(&place, &image);
    let digest = image.manifest.digest();
    stage
        .platform
        .name(&repository, &tag.parse().unwrap(), &digest);
    format!("{repository}:{tag}@{digest}")
}

fn latest(stage: &Stage) -> Option<Digest> {
    let shelf = stage.platform.shelf(&ImagePlace::Repository(repository()));
    shelf.tags.get(&"latest".parse().unwrap()).cloned()
}

#[tokio::test]
async fn it_names_the_version_that_serves_also_after_a_rollback() {
    let stage = Stage::followed(&repository());
    for (id, tag) in [("deploy-1", "v1.0.0"), ("deploy-2", "v1.1.0")] {
        let reference = there(&stage, tag);
        let conclusion = stage.deploy(id, &reference).await.unwrap();
        assert_eq!(conclusion.result["latest"]["version"], tag);
        assert_eq!(latest(&stage), Some(image(tag).manifest.digest()));
    }
    let plan = stage.plan_back("rollback-1", None).await.unwrap();
    stage.execute(&plan).await.unwrap();
    assert_eq!(latest(&stage), Some(image("v1.0.0").manifest.digest()));
}

#[tokio::test]
async fn a_release_that_cant_serve_leaves_it_where_it_was() {
    let stage = Stage::followed(&repository());
    stage
        .deploy("deploy-1", &there(&stage, "v1.0.0"))
        .await
        .unwrap();
    let broken = there(&stage, "v1.1.0");
    stage.cluster.decide(&broken, Fate::Missing);
    stage.deploy("deploy-2", &broken).await.unwrap_err();
    assert_eq!(latest(&stage), Some(image("v1.0.0").manifest.digest()));
}

#[tokio::test]
async fn what_cant_be_moved_fails_no_release_and_is_said() {
    let stage = Stage::followed(&repository());
    let reference = there(&stage, "v1.0.0");
    // Somebody moved the version's own tag meanwhile.
    let other = image("other").manifest.digest();
    stage
        .platform
        .name(&repository(), &"v1.0.0".parse().unwrap(), &other);
    let conclusion = stage.deploy("deploy-1", &reference).await.unwrap();
    assert_eq!(
        conclusion.result["latest"]["latest"], "stays",
        "{conclusion:?}"
    );
    assert_eq!(stage.ends().await, ["succeeded"]);
    assert_eq!(latest(&stage), None);
}

#[tokio::test]
async fn elsewhere_and_for_what_is_no_version_nothing_moves() {
    let stage = Stage::followed(&repository());
    let staged = there(&stage, "staging-0123456789ab");
    let plan = stage.plan("deploy-1", objects(), &staged).await.unwrap();
    assert!(
        plan.actions
            .iter()
            .all(|it| it.step.as_str() != "move-latest")
    );
    let elsewhere = Stage::new();
    let reference = there(&elsewhere, "v1.0.0");
    elsewhere.deploy("deploy-1", &reference).await.unwrap();
    assert_eq!(latest(&elsewhere), None);
}

#[tokio::test]
async fn a_deploy_killed_at_any_boundary_moves_it_when_it_is_resumed() {
    let ready = || async {
        let stage = Stage::followed(&repository());
        let reference = there(&stage, "v1.0.0");
        let plan = stage.plan("deploy-1", objects(), &reference).await.unwrap();
        (stage, plan)
    };
    let (stage, plan) = ready().await;
    let count = stage.boundaries(&plan).await.len();
    let every = (0..count - 1).map(|at| async move {
        let (stage, plan) = ready().await;
        assert!(!stage.execute_until(&plan, at).await, "it lived past {at}");
        stage.resume(&plan).await.unwrap();
        let named = latest(&stage);
        assert_eq!(
            named,
            Some(image("v1.0.0").manifest.digest()),
            "killed at {at}"
        );
    });
    futures::future::join_all(every).await;
}
