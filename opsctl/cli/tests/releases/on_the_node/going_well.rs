//! Releases that serve, and what is told of them.

use serde_json::json;

use crate::place::Place;

#[test]
fn a_release_serves_the_next_changes_only_what_differs_and_a_rollback_brings_the_first_back() {
    let place = Place::with_postgres("going-well");
    place.release(&place.two_pods("info"));
    place.well("deploy v1.0.0 --yes");
    let again = place.well("deploy v1.0.0 --yes");
    assert!(
        again.stdout.starts_with("nothing to do"),
        "{}",
        again.stdout
    );

    place.release(&place.two_pods("debug"));
    let differs = place.run("diff --exit-code").expect(3);
    differs.says("data.level: info → debug");
    place.well("deploy --yes");
    assert_eq!(place.live_level(), "debug");
    let status = place.json("status");
    assert_eq!(status["healthy"], true, "{status}");
    assert_eq!(status["drift"], json!([]), "{status}");
    let image = status["images"]["app"].as_str().unwrap();
    assert!(image.contains(":v1.0.0@sha256:"), "{image}");

    place.well("rollback --yes");
    assert_eq!(place.live_level(), "info");
    assert_eq!(place.ends(), ["succeeded"; 3]);
    let between = place.well("diff 1 2");
    between.says("~ ConfigMap going-well/settings");
}

#[test]
fn pods_that_nobody_asks_are_watched_for_a_while_and_then_believed() {
    let place = Place::new("nobody-asks");
    let mut manifests = place.manifests("info");
    manifests.without_a_probe();
    place.release(&manifests);
    place.configured(&json!({"patience": {"steady": "3s"}}));
    let ended = place.well("deploy v1.0.0 --yes");
    ended.says("watched until it has lasted 3s: its pods have no readiness probe");
    assert_eq!(place.json("status")["healthy"], true);
}

#[test]
fn status_names_the_field_that_somebody_changed_and_who_did() {
    let place = Place::new("drifting");
    place.well("deploy v1.0.0 --yes");
    place.patch("configmap/settings", &json!({"data": {"level": "by hand"}}));
    let status = place.run("status --exit-code").expect(3);
    status
        .says("data.level: info → by hand")
        .says("set by kubectl-patch");
    place.well("deploy --yes");
    assert_eq!(place.live_level(), "info");
}
