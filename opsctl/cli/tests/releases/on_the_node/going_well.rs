//! Releases that serve, and what is told of them.

use serde_json::json;

use crate::place::Place;

#[test]
fn a_release_serves_the_next_changes_only_what_differs_and_a_rollback_brings_the_first_back() {
    let place = Place::new("going-well");
    place.well("deploy v1.0.0 --yes");
    let again = place.well("deploy v1.0.0 --yes");
    assert!(
        again.stdout.starts_with("nothing to do"),
        "{}",
        again.stdout
    );

    place.manifests("debug", &json!({}));
    let differs = place.run("diff --exit-code");
    assert_eq!(differs.code, Some(3), "{}", differs.stderr);
    assert!(
        differs.stdout.contains("data.level: info → debug"),
        "{}",
        differs.stdout
    );
    place.well("deploy --yes");
    assert_eq!(place.level(), "debug");
    let status = place.json("status");
    assert_eq!(status["healthy"], true, "{status}");
    assert_eq!(status["drift"], json!([]), "{status}");
    let image = status["images"]["app"].as_str().unwrap();
    assert!(image.contains(":v1.0.0@sha256:"), "{image}");

    place.well("rollback --yes");
    assert_eq!(place.level(), "info");
    assert_eq!(place.ends(), ["succeeded"; 3]);
    let between = place.well("diff 1 2");
    assert!(
        between.stdout.contains("~ ConfigMap going-well/settings"),
        "{}",
        between.stdout
    );
}

#[test]
fn status_names_the_field_that_somebody_changed_and_who_did() {
    let place = Place::new("drifting");
    place.well("deploy v1.0.0 --yes");
    let patch = r#"{"data":{"level":"by hand"}}"#;
    let words = [
        "patch",
        "configmap/settings",
        "--namespace",
        "drifting",
        "--patch",
        patch,
    ];
    place.ground.lab.kubectl(&words).unwrap();
    let status = place.run("status --exit-code");
    assert_eq!(status.code, Some(3), "{}", status.stderr);
    assert!(
        status.stdout.contains("data.level: info → by hand"),
        "{}",
        status.stdout
    );
    assert!(
        status.stdout.contains("set by kubectl-patch"),
        "{}",
        status.stdout
    );
    place.well("deploy --yes");
    assert_eq!(place.level(), "info");
}

#[test]
fn a_deploy_killed_with_half_of_it_applied_is_open_refuses_others_and_is_resumed() {
    let place = Place::new("killed");
    place.well("deploy v1.0.0 --yes");
    place.manifests("debug", &json!({}));
    let killed = place.run_with("deploy --yes", &[("OPSCTL_FAULT", "kill-at:12")]);
    assert_eq!(killed.code, None, "{}", killed.stderr);
    let open = place.json("operation list --open");
    let id = open["operations"][0]["operation"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = place.run("deploy --yes --lock-wait 5s");
    assert_eq!(other.code, Some(5), "{}", other.stderr);
    place.well(&format!("operation resume {id}"));
    assert_eq!(place.level(), "debug");
    assert_eq!(place.ends(), ["succeeded"; 2]);
}
