//! Images that the node can't have.

use serde_json::json;
use testkit::lab::{Image, tools_folder};

use super::Broken;
use crate::figures::{Sign, told_in_time};
use crate::manifests::Manifests;
use crate::place::Place;

const PULL: Sign = Sign::Event("Failed", "Failed to pull image");

/// A second container, whose image no release chose.
fn sidecar(manifests: &mut Manifests, image: &str) {
    let container = json!({"name": "sidecar", "image": image, "args": ["serve", "8081"]});
    let containers = manifests.pod()["containers"].as_array_mut();
    containers.unwrap().push(container);
}

#[test]
fn a_tag_that_exists_nowhere() {
    Broken::by("wrong-tag", |place, it| {
        let image = format!("{}/probe:v9.9.9", place.ground.registry());
        sidecar(it, &image);
    })
    .of("image-not-found", PULL);
}

#[test]
fn a_private_registry_without_a_secret() {
    Broken::by("private", |place, it| {
        let image = format!("{}/probe:v1.0.0", place.ground.private_registry());
        sidecar(it, &image);
    })
    .of("image-pull-unauthorised", PULL);
}

#[test]
fn an_image_that_goes_away_between_the_plan_and_the_pull() {
    let place = Place::new("vanishes");
    place.well("deploy v1.0.0 --yes");
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("short-lived");
    std::fs::copy(tools_folder().join("probe"), &program).unwrap();
    let image = Image::of(&program).unwrap();
    let registry = place.ground.lab.registry().unwrap();
    registry.push(&image, "probe:v1.1.0").unwrap();
    place.level("debug");
    place.well("deploy v1.1.0 --plan-out plan.json");
    registry.remove(&image, "probe").unwrap();
    place.run("deploy --plan plan.json --yes").expect(6);
    let findings = place.json("history show 2")["evidence"]["findings"].clone();
    assert_eq!(findings[0]["code"], "image-not-found", "{findings:#}");
    told_in_time(&place, 2, PULL, 0.0);
    assert_eq!(place.ends(), ["succeeded", "rolled_back"]);
    assert_eq!(place.live_level(), "info");
}
