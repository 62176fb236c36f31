//! `opsctl conform`: what people see, what a pipeline gets, and how it ends.

use crate::place::{Ended, Place};

const CONFIGURATION: &str =
    "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n";
const CONTENTS: &str = "version: 1\ndocument: {title: A document, lines: 9}\ncomponents: components.yaml\n\
                        chapters: [{title: Deployment, file: lines.yaml, lines: [1-4]}]\n";
const LINES: &str = "lines:
  - id: api.replicas
    at: 1
    section: Kubernetes
    text: \"Replicas: 3 (high availability), so that a pod that is lost is not missed while another one is started\"
    offline:
      - terraform: {file: main.tf, block: resource.a_service.api, attribute: replicas, is: 3}
  - id: api.health
    at: 2
    section: Kubernetes
    text: \"Health checks: every 30 seconds\"
    offline:
      - text: {file: notes.txt, has: every 30 seconds}
    live:
      - http: {path: /health/ready, is: 200}
  - id: api.kind
    at: 3
    section: Kubernetes
    text: It is written down
    offline:
      - text: {file: notes.txt, has: written down}
  - id: api.rotation
    at: 4
    section: Kubernetes
    text: \"Rotation: every 90 days\"
    planned: nobody has built it
";

fn place(replicas: &str) -> Place {
    let place = Place::with(CONFIGURATION);
    let terraform = format!("resource \"a_service\" \"api\" {{\n  replicas = {replicas}\n}}\n");
    for (file, text) in [
        ("conformance.yaml", CONTENTS),
        ("components.yaml", "components: []\n"),
        ("lines.yaml", LINES),
        ("infra/terraform/main.tf", terraform.as_str()),
        ("notes.txt", "asked every 30 seconds, and written down\n"),
    ] {
        let file = place.folder().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    place
}

fn ends(ended: &Ended, code: i32) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn what_people_see_fits_80_columns_and_names_expected_actual_and_evidence() {
    let ended = place("2").run("conform --offline --output human");
    ends(&ended, 6);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn what_is_planned_is_not_kept_unless_it_is_allowed() {
    let place = place("3");
    ends(&place.run("conform --offline"), 6);
    ends(&place.run("conform --offline --allow-planned"), 0);
    ends(&place.run("conform --offline --line api.replicas"), 0);
}

#[test]
fn what_nobody_could_look_at_ends_with_9_and_what_is_broken_with_6() {
    let sound = place("3");
    let ended = sound.run("conform --allow-planned");
    ends(&ended, 9);
    assert!(
        ended.stdout.contains("unknown: no --url was given"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("opsctl asks AWS nothing of it"),
        "{}",
        ended.stdout
    );
    ends(&sound.run("conform --line api.kind"), 0);
    ends(&place("2").run("conform --allow-planned"), 6);
}

#[test]
fn a_pipeline_gets_json_and_junit() {
    let place = place("2");
    let ended = place.run("conform --offline --output json --junit report.xml");
    ends(&ended, 6);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["counts"]["broken"], 1);
    assert_eq!(report["lines"][0]["answers"][0]["actual"], "2");
    assert_eq!(
        report["lines"][0]["answers"][0]["evidence"],
        "infra/terraform/main.tf:2"
    );
    let junit = std::fs::read_to_string(place.folder().join("report.xml")).unwrap();
    assert!(
        junit.contains(
            "<testsuite name=\"Deployment\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\""
        ),
        "{junit}"
    );
    assert!(junit.contains("expected 3, is 2"), "{junit}");
}

#[test]
fn a_line_that_is_not_there_and_a_repository_without_a_list_are_wrong_usage() {
    let ended = place("3").run("conform --offline --line api.nothing");
    ends(&ended, 2);
    assert!(
        ended.stderr.contains("no line 'api.nothing'"),
        "{}",
        ended.stderr
    );
    let ended = Place::with(CONFIGURATION).run("conform --offline");
    ends(&ended, 2);
    assert!(
        ended.stderr.contains("there is no conformance.yaml"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_self_test_says_what_would_not_be_noticed() {
    let place = place("3");
    ends(&place.run("conform --self-test"), 0);
    let blind = LINES.replace("{file: notes.txt, has: written down}", "{file: notes.txt}");
    std::fs::write(place.folder().join("lines.yaml"), blind).unwrap();
    let ended = place.run("conform --self-test");
    ends(&ended, 6);
    assert!(
        ended
            .stdout
            .contains("api.kind: notes.txt to be there: nothing: can't be broken"),
        "{}",
        ended.stdout
    );
}
