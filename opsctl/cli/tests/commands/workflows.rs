//! The pipelines run commands that the program takes, and only after what has to come first.

use std::path::{Path, PathBuf};

use clap::Parser;
use opsctl_cli::args::Cli;
use serde_json::Value;
use testkit::documents::words;

#[test]
fn every_command_of_opsctl_in_a_workflow_is_understood() {
    let mut seen = 0;
    for (place, document) in workflows() {
        for script in scripts(&document) {
            for command in commands(&script) {
                seen += 1;
                if let Err(error) = Cli::try_parse_from(words(&command)) {
                    panic!("{}: {command}: {error}", place.display());
                }
            }
        }
    }
    assert!(seen >= 7, "only {seen} commands were found");
}

#[test]
fn a_deploy_runs_nothing_but_a_plan_that_was_made_and_approved_before() {
    let jobs = &deploy()["jobs"];
    let planned = commands_of(&jobs["plan"]);
    assert!(planned.iter().any(|it| it.contains("--plan-out plan.json")));
    let approved = commands_of(&jobs["deploy"]);
    let deploys: Vec<&String> = approved
        .iter()
        .filter(|it| it.contains(" deploy "))
        .collect();
    assert_eq!(deploys.len(), 1, "{approved:?}");
    assert!(deploys[0].contains("--plan plan.json"), "{deploys:?}");
    assert!(
        jobs["deploy"]["needs"]
            .as_array()
            .unwrap()
            .contains(&"plan".into())
    );
}

#[test]
fn the_approvals_of_the_environment_stand_before_the_deploy_and_not_before_its_plan() {
    let jobs = &deploy()["jobs"];
    let environment = |job: &str| jobs[job]["environment"].as_str().unwrap().to_owned();
    assert_eq!(
        environment("plan"),
        format!("{}-plan", environment("deploy"))
    );
    for job in ["plan", "deploy"] {
        assert_eq!(jobs[job]["permissions"]["id-token"], "write");
        assert_eq!(jobs[job]["permissions"]["contents"], "read");
    }
    assert!(jobs["target"]["permissions"].is_null());
    assert_eq!(
        deploy()["permissions"],
        serde_json::json!({"contents": "read"})
    );
    assert_eq!(jobs["deploy"]["if"], "github.event_name != 'pull_request'");
}

#[test]
fn a_deploy_that_runs_is_never_cancelled_by_the_next() {
    assert_eq!(deploy()["concurrency"]["cancel-in-progress"], false);
}

#[test]
fn no_script_of_a_workflow_holds_what_somebody_else_wrote() {
    // `${{ }}` is text before the shell reads it: a branch called `$(…)` would be run.
    for (place, document) in workflows() {
        for script in scripts(&document) {
            assert!(!script.contains("${{"), "{}: {script}", place.display());
        }
    }
}

fn deploy() -> Value {
    read(&root().join(".github/workflows/deploy.yml"))
}

fn workflows() -> Vec<(PathBuf, Value)> {
    let entries = std::fs::read_dir(root().join(".github/workflows")).unwrap();
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    all.push(root().join(".github/actions/platform/action.yml"));
    all.into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

fn read(path: &Path) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn commands_of(job: &Value) -> Vec<String> {
    scripts(job).iter().flat_map(|it| commands(it)).collect()
}

/// Every text that a step runs, however deep.
fn scripts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(scripts).collect(),
        Value::Object(all) => {
            let own = all.get("run").and_then(Value::as_str).map(str::to_owned);
            own.into_iter()
                .chain(all.values().flat_map(scripts))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The lines that begin with opsctl; what the shell puts in a variable's place is a word too, and a version must look like one.
fn commands(script: &str) -> Vec<String> {
    let script = script.replace("\\\n", " ");
    let script = script.replace("${VERSION:+\"$VERSION\"}", "v1.2.3");
    let script = script.replace("$VERSION", "v1.2.3");
    let lines = script.lines().map(str::trim);
    lines
        .filter(|line| line.starts_with("opsctl "))
        .map(str::to_owned)
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
