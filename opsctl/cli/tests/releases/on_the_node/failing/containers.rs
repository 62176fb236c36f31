//! Containers that do not start, end, or do not answer.

use serde_json::json;

use super::Broken;
use crate::figures::Sign;
use crate::place::Place;

#[test]
fn a_command_that_is_not_there() {
    Broken::by("bad-command", |_, it| {
        it.container()["command"] = json!(["/nowhere"]);
    })
    .of("command-not-found", Sign::Event("Failed", "Error"));
}

#[test]
fn a_program_that_ends_at_its_start_leaves_its_last_words() {
    let broken = Broken::by("crash-at-start", |_, it| {
        it.container()["args"] = json!(["nonsense", "0"]);
    })
    .of("crash-at-start", Sign::End);
    let shown = broken.place.well("history show 2").stdout;
    assert!(shown.contains("usage: probe"), "{shown}");
    // Times are for people.
    assert!(
        !shown
            .lines()
            .any(|line| line.starts_with("began") && line.contains('.')),
        "{shown}"
    );
}

#[test]
fn a_program_that_ends_after_ten_seconds_and_that_nobody_asks() {
    Broken::by("crash-later", |_, it| {
        it.without_a_probe();
        it.container()["args"] = json!(["end", "10"]);
    })
    .of("crash-loop", Sign::End);
}

#[test]
fn a_container_that_never_becomes_ready() {
    Broken::by("never-ready", |_, it| {
        it.container()["readinessProbe"] = json!({"httpGet": {"path": "/ready", "port": 1},
            "periodSeconds": 1, "failureThreshold": 2});
    })
    // Three times what its probe asks for: two tries, a second each, and a second for the answer.
    .after(9.0, "never-ready", Sign::Event("Started", ""));
}

#[test]
fn a_container_that_its_liveness_probe_kills() {
    // All pods are ready long before it kills the first: that it says no is waited for.
    let broken = Broken::by("liveness", |place, it| {
        *it = place.two_pods("debug");
        it.container()["livenessProbe"] = json!({"httpGet": {"path": "/live", "port": 1},
            "periodSeconds": 1, "failureThreshold": 8});
    });
    assert!(
        broken.said.contains("a liveness probe has said no"),
        "{}",
        broken.said
    );
    broken.of("liveness-killed", Sign::Event("Killing", "liveness"));
}

#[test]
fn a_container_that_needs_more_memory_than_it_may_have() {
    Broken::by("out-of-memory", |_, it| {
        it.container()["args"] = json!(["eat", "256"]);
        it.container()["resources"] = json!({"limits": {"memory": "32Mi"}});
    })
    .of("out-of-memory", Sign::End);
}

#[test]
fn the_first_release_takes_away_what_it_made() {
    let place = Place::new("first-fails");
    let mut manifests = place.manifests("info");
    manifests.container()["command"] = json!(["/nowhere"]);
    place.release(&manifests);
    place.run("deploy v1.0.0 --yes").expect(6);
    let left = place.kubectl("get deployments,configmaps --output name");
    assert_eq!(left.trim(), "configmap/kube-root-ca.crt");
}

#[test]
fn a_release_that_shall_stay_is_left_to_be_looked_at() {
    let place = Place::new("kept");
    place.well("deploy v1.0.0 --yes");
    let mut manifests = place.manifests("debug");
    manifests.container()["command"] = json!(["/nowhere"]);
    place.release(&manifests);
    place.run("deploy --yes --no-rollback").expect(6);
    assert_eq!(place.ends(), ["succeeded", "kept"]);
    assert_eq!(place.live_level(), "debug");
    place.run("status").says("command-not-found");
    place.level("info");
    place.well("deploy --yes");
    assert_eq!(place.live_level(), "info");
}
