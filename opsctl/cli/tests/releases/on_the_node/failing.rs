//! Releases that can't serve: each is named by its cause, taken back, and its evidence kept.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::place::{Ended, Place};

/// Releases once, then again with the container changed so; the second ends as told.
fn broken(namespace: &'static str, container: &Value) -> (Place, Ended) {
    let place = Place::new(namespace);
    place.well("deploy v1.0.0 --yes");
    place.manifests("debug", container);
    let ended = place.run("deploy --yes");
    (place, ended)
}

fn is_taken_back(place: &Place, ended: &Ended, cause: &str) {
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    assert!(ended.stderr.contains(cause), "{}", ended.stderr);
    assert_eq!(place.ends(), ["succeeded", "rolled_back"]);
    assert_eq!(place.level(), "info");
    let shown = place.json("history show 2");
    let findings = shown["evidence"]["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|it| it["code"] == cause),
        "{findings:?}"
    );
    assert_eq!(place.json("status")["healthy"], true);
}

#[test]
fn a_command_that_is_not_there() {
    let container = json!({"command": ["/nowhere"]});
    let (place, ended) = broken("bad-command", &container);
    is_taken_back(&place, &ended, "command-not-found");
}

#[test]
fn a_program_that_ends_at_its_start_leaves_its_last_words() {
    let container = json!({"args": ["nonsense", "0"]});
    let (place, ended) = broken("crash-at-start", &container);
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    let shown = place.well("history show 2").stdout;
    assert!(shown.contains("usage: probe"), "{shown}");
    assert_eq!(place.ends(), ["succeeded", "rolled_back"]);
}

#[test]
fn a_container_that_never_becomes_ready() {
    let container = json!({"readinessProbe":
        {"httpGet": {"path": "/ready", "port": 1}, "periodSeconds": 1, "failureThreshold": 2}});
    let (place, ended) = broken("never-ready", &container);
    is_taken_back(&place, &ended, "never-ready");
}

#[test]
fn an_image_that_is_not_there_is_refused_before_anything_is_written() {
    let place = Place::new("no-image");
    let began = Instant::now();
    let ended = place.run("deploy v9.9.9 --yes");
    assert_ne!(ended.code, Some(0));
    assert!(began.elapsed() < Duration::from_secs(30));
    assert!(ended.stderr.contains("v9.9.9"), "{}", ended.stderr);
    assert_eq!(place.json("history")["releases"], json!([]));
}

#[test]
fn a_key_that_its_configuration_does_not_have_is_refused_before_anything_is_written() {
    let reference = json!({"configMapKeyRef": {"name": "settings", "key": "nothing"}});
    let container = json!({"env": [{"name": "LEVEL", "valueFrom": reference}]});
    let (place, ended) = broken("no-key", &container);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("'nothing'"), "{}", ended.stderr);
    assert_eq!(place.ends(), ["succeeded"]);
}

#[test]
fn the_first_release_takes_away_what_it_made() {
    let place = Place::new("first-fails");
    place.manifests("info", &json!({"command": ["/nowhere"]}));
    let ended = place.run("deploy v1.0.0 --yes");
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    let words = [
        "get",
        "deployments,configmaps",
        "--namespace",
        "first-fails",
        "--output",
        "name",
    ];
    let left = place.ground.lab.kubectl(&words).unwrap();
    assert_eq!(left.trim(), "configmap/kube-root-ca.crt");
}
