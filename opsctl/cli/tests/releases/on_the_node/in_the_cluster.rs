//! Commands that run in a Job of the cluster.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::json;
use testkit::lab::Image;

use crate::ground::Ground;
use crate::place::Place;
use crate::running::Running;

/// An environment whose runner is this very program, in an image.
fn place(namespace: &'static str) -> Place {
    let place = Place::new(namespace);
    let program = Path::new(env!("CARGO_BIN_EXE_opsctl"));
    let image = Image::of_this_machine(program).unwrap();
    let registry = place.ground.lab.registry().unwrap();
    let name = registry.push(&image, "opsctl:v1.0.0").unwrap();
    run_by(&place, namespace, &name);
    let ground: &Arc<Ground> = &place.ground;
    ground
        .lab
        .kubectl(&["create", "namespace", namespace])
        .unwrap();
    ground.kubectl(namespace, &["create", "serviceaccount", "opsctl"]);
    place
}

fn run_by(place: &Place, namespace: &str, image: &str) {
    let settings = json!({"version": 1, "environments": {"cluster": {
        "database": {"engine": "sqlite"},
        "workloads": {"manifests": "k8s", "namespace": namespace, "kubeconfig": place.ground.lab.kubeconfig()},
        "runner": {"image": image, "namespace": namespace},
    }}});
    place.write("opsctl.yaml", &settings.to_string());
}

#[test]
fn a_command_runs_in_the_cluster_with_its_words_its_lines_and_its_end() {
    let place = place("run-in-cluster");
    let ended = place.run("--runner cluster lock status").expect(0);
    assert!(ended.stdout.contains("workloads"), "{}", ended.stdout);
    let refused = place
        .run("--runner=cluster operation show nothing")
        .expect(2);
    assert!(
        refused.stdout.contains("there is no operation 'nothing'"),
        "{}",
        refused.stdout
    );
    let answer = place
        .run("--runner cluster lock status --output json")
        .expect(0);
    assert!(answer.stdout.contains("\"locks\""), "{}", answer.stdout);
}

#[test]
fn an_image_that_is_not_there_is_told_at_once_and_a_file_of_this_machine_before() {
    let place = place("run-without-image");
    let nowhere = format!("{}/nowhere:v1", place.ground.registry());
    run_by(&place, "run-without-image", &nowhere);
    place
        .run("--runner cluster lock status")
        .expect(1)
        .says("ErrImagePull");
    place
        .run("--runner cluster --plan-out plan.json backup create")
        .expect(2)
        .says("names a file of this machine");
}

#[test]
fn ctrl_c_is_handed_on_and_the_end_of_the_other_side_is_waited_for() {
    let place = place("run-interrupted");
    let mut running = place.begin("--runner cluster metrics --listen 127.0.0.1:0", "");
    running.tells("runs as Job");
    running.prints("measurements at");
    interrupt(&running);
    running
        .end()
        .expect(0)
        .says("asked to stop at its next step");
}

#[test]
fn a_run_that_gets_no_pod_says_why_and_ctrl_c_takes_it_back() {
    let place = place("run-taken-back");
    let kubectl = |words: &[&str]| place.ground.kubectl("run-taken-back", words);
    kubectl(&["create", "quota", "no-pods", "--hard=pods=0"]);
    let mut running = place.begin("--runner cluster lock status", "");
    running.tells("exceeded quota: no-pods");
    interrupt(&running);
    running
        .end()
        .expect(130)
        .says("was taken back before it began");
    assert_eq!(kubectl(&["get", "jobs", "--output=name"]), "");
}

fn interrupt(running: &Running) {
    let sent = Command::new("kill")
        .args(["-INT", &running.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}
