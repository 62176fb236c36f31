//! `opsctl schedule render`: of this repository's own environments, and what it refuses.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::place::Place;

const AWS: [&str; 3] = ["development", "staging", "production"];
/// Commands that are yet to come: what they are for is left out until then.
const TO_COME: [&str; 0] = [];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rendered(environment: &str, more: &[&str]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
    command.current_dir(root()).env_remove("GITHUB_ACTIONS");
    command.args(["--env", environment, "schedule", "render"]);
    let output = command.args(more).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let told = text(output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    (text(output.stdout), told)
}

fn objects(environment: &str) -> Vec<Value> {
    let (manifests, _) = rendered(environment, &[]);
    let documents = serde_yaml::Deserializer::from_str(&manifests);
    documents
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

fn cron_jobs(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects.iter().filter(|it| it["kind"] == "CronJob")
}

#[test]
fn the_environments_of_this_repository_have_a_schedule_and_its_pods_are_as_all_pods_are() {
    for environment in AWS {
        let objects = objects(environment);
        let mut seen = 0;
        for job in cron_jobs(&objects) {
            seen += 1;
            let spec = &job["spec"];
            assert_eq!(spec["concurrencyPolicy"], "Forbid");
            assert_eq!(spec["timeZone"], "Etc/UTC");
            let pod = &spec["jobTemplate"]["spec"]["template"]["spec"];
            assert_eq!(pod["serviceAccountName"], "opsctl");
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            assert_eq!(
                pod["securityContext"]["seccompProfile"]["type"],
                "RuntimeDefault"
            );
            let container = &pod["containers"][0];
            let image = container["image"].as_str().unwrap();
            assert!(image.contains("/platform/app-opsctl:"), "{image}");
            assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
            assert_eq!(
                container["securityContext"]["capabilities"]["drop"][0],
                "ALL"
            );
            assert!(container["resources"]["limits"]["memory"].is_string());
            assert!(container["resources"]["requests"]["cpu"].is_string());
            let words = container["args"].as_array().unwrap();
            let words: Vec<&str> = words.iter().map(|it| it.as_str().unwrap()).collect();
            assert_eq!(words[..4], ["--env", environment, "--output", "json"]);
        }
        assert!(seen >= 4, "only {seen} of {environment}");
    }
}

#[test]
fn what_is_left_out_is_told_and_only_what_is_yet_to_come_is() {
    for environment in AWS {
        let (document, _) = rendered(environment, &["--output", "json"]);
        let (_, told) = rendered(environment, &[]);
        let document: Value = serde_json::from_str(&document).unwrap();
        for left in document["left_out"].as_array().unwrap() {
            let (task, why) = (
                left["task"].as_str().unwrap(),
                left["why"].as_str().unwrap(),
            );
            let expected = TO_COME.contains(&task) || why == "it is turned off";
            assert!(expected, "{environment}: {left}");
            assert!(told.contains(&format!("does not run: {why}")), "{told}");
        }
        for task in document["tasks"].as_array().unwrap() {
            let spare = &task["margin"]["left"];
            assert!(task["margin"].is_null() || spare.is_string(), "{task}");
        }
    }
}

#[test]
fn the_manifests_of_production_are_these() {
    let (manifests, _) = rendered("production", &[]);
    // The configuration is the repository's own, and so its digest changes with it.
    let mut inside = false;
    let lines = manifests.lines().filter(|line| {
        inside = match line.starts_with("data:") {
            true => true,
            false => inside && (line.is_empty() || line.starts_with(' ')),
        };
        !inside
    });
    let text: Vec<&str> = lines.collect();
    let text = text.join("\n");
    let digest = text.split("name: opsctl-").find_map(|it| {
        let name = it.lines().next()?;
        let is = name.len() == 8 && name.bytes().all(|it| it.is_ascii_hexdigit());
        is.then_some(name)
    });
    insta::assert_snapshot!(text.replace(digest.unwrap(), "<digest>"));
}

const CONFIGURATION: &str = "version: 1
environments:
  local:
    database:
      engine: sqlite
    runner:
      image: registry.example.com/platform/app-opsctl:v1.2.3
    guard:
      unattended: [backup-prune, secrets-finish, secrets-rotate]
";

#[test]
fn a_schedule_without_margin_is_refused_with_every_promise_that_it_would_break() {
    let schedule = "    schedule:
      backup: {at: \"15 1 * * *\", takes: 1h}
      restore_drill: {at: \"30 7 1 * *\", takes: 4h}
";
    let place = Place::with(&format!("{CONFIGURATION}{schedule}"));
    let ended = place.run("schedule render");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    for part in [
        "schedule.backup is '15 1 * * *'",
        "24h (rpo) was promised",
        "schedule.restore_drill is '30 7 1 * *'",
        "31d (restore_drill) was promised",
        "runbooks/schedule.md",
    ] {
        let told = ended
            .stderr
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn what_the_guard_would_refuse_at_night_is_refused_by_day() {
    let configuration = CONFIGURATION.replace("backup-prune, ", "");
    let ended = Place::with(&format!("{configuration}    schedule: {{}}\n")).run("schedule render");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("does not name backup-prune"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_environment_without_a_schedule_or_a_time_that_is_none_is_told_so() {
    let ended = Place::with(CONFIGURATION).run("schedule render");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("has no `schedule:`"),
        "{}",
        ended.stderr
    );
    let wrong = "    schedule:\n      backup: {at: \"15 25 * * *\", takes: 1h}\n";
    let ended = Place::with(&format!("{CONFIGURATION}{wrong}")).run("schedule render");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the hour is '25'"),
        "{}",
        ended.stderr
    );
}
