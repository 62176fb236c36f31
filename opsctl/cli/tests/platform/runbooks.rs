//! The commands of the runbooks, run as they stand there, on an environment that has what they speak of.

use std::path::Path;

use serde_json::Value;
use testkit::documents::{commands, words};

use crate::place::{Place, application};
use crate::rows::delete_ada;
use crate::service::Service;

/// Commands that end with another code than 0 here, and why that is right.
const OTHERWISE: &[(&str, i32)] = &[
    // A key is trusted by hand.
    ("evidence verify", 6),
    // Refused while the live database answers.
    ("--source-unreachable", 4),
    // The other choice was made a line above.
    ("effects discard", 4),
];

#[test]
fn the_commands_of_the_runbook_backup_run() {
    follow("backup");
}

#[test]
fn the_commands_of_the_runbook_drill_restore_run() {
    follow("drill-restore");
}

#[test]
fn the_commands_of_the_runbooks_that_look_and_tell_run() {
    for name in [
        "auth",
        "cache",
        "database",
        "dead-letters",
        "doctor",
        "env-adopt",
        "evidence",
        "flags",
        "jobs",
        "maintenance",
        "migrate",
        "overload",
        "payments",
        "reports",
    ] {
        follow(name);
    }
}

#[test]
fn the_commands_of_the_runbook_operation_run() {
    follow("operation");
}

#[test]
fn the_commands_of_the_runbooks_of_restores_run() {
    for name in ["restore", "restore-rows", "restore-undo"] {
        follow(name);
    }
}

#[test]
fn the_commands_of_the_runbook_local_postgres_run() {
    application();
    run_all(&Place::postgres(), "local-postgres");
}

#[test]
fn the_commands_of_the_runbook_drill_failover_run() {
    application();
    run_all(&Place::postgres(), "drill-failover");
}

#[test]
fn the_commands_of_the_runbook_secrets_run() {
    application();
    run_all(&Place::postgres(), "secrets");
}

fn follow(name: &str) {
    application();
    let (place, service) = Place::serving();
    prepare(&place, &service, name);
    run_all(&place, name);
}

fn text_of(name: &str) -> String {
    let file = format!("{}/../../runbooks/{name}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(Path::new(&file)).unwrap()
}

fn run_all(place: &Place, name: &str) {
    let mut ran = 0;
    for command in commands(&text_of(name), "opsctl") {
        // What is shown on PostgreSQL needs one; its own runbook has all of that.
        let on_postgres = ["drill-failover", "local-postgres", "secrets"].contains(&name);
        // What is done in an account of AWS is run by opsctl/cli/tests/aws, in one.
        let elsewhere = ["--env staging", "--env production"];
        if command.contains("local-postgres") != on_postgres
            || elsewhere.iter().any(|env| command.contains(env))
        {
            continue;
        }
        if command.contains("restore rows") {
            delete_ada(place);
        }
        let words = filled(place, &command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let expected = OTHERWISE.iter().find(|(part, _)| command.contains(part));
        let expected = expected.map_or(0, |(_, code)| *code);
        let ended = place.run(&words);
        let said = ended.said();
        assert_eq!(ended.code, Some(expected), "{name}: {command}: {said}");
        ran += 1;
    }
    assert!(ran > 0, "{name} has no command that runs here");
}

/// What a runbook takes for granted: data, a backup, and what happened before somebody opened it.
fn prepare(place: &Place, service: &Service, name: &str) {
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    match name {
        "restore-undo" => drop(place.cut_over().expect(0)),
        // Doctor reports a platform that was never drilled as troubled.
        _ if name == "evidence" || text_of(name).contains(" doctor") => {
            place.run(&["drill", "restore"]).expect(0);
        }
        _ => {}
    }
}

/// The command's words, with the names of this place for those of the runbook.
fn filled(place: &Place, command: &str) -> Vec<String> {
    let mut words = words(command);
    words.remove(0);
    let open = command.contains("resume") || command.contains("abandon");
    for word in &mut words {
        *word = match word.as_str() {
            "<id>" | "<operation>" if open => interrupted(place),
            "<id>" => newest(place, "operation list", "operations", "operation"),
            "<backup>" | "ID" => newest(place, "backup list", "backups", "id"),
            "<copy>" => copy(place),
            "<lineage>" => {
                let list = "restore set-aside list";
                newest(place, list, "set_aside", "lineage_id")
            }
            "<sha256>" => {
                let told = document(place, "evidence verify");
                told["head_sha256"].as_str().unwrap().to_owned()
            }
            // The same with less data.
            "100000" | "300000" => "3000".to_owned(),
            _ => continue,
        };
    }
    // Whoever follows a runbook answers its questions.
    if !command.contains("--confirm") && !command.contains("--yes") {
        words.extend(["--yes", "--confirm", "local"].map(ToOwned::to_owned));
    }
    words
}

fn interrupted(place: &Place) -> String {
    place.open_operation().unwrap_or_else(|| {
        let killed = place.run_with(&["restore"], Some("kill-at:6"));
        assert_eq!(killed.code, None, "not killed: {}", killed.said());
        place.open_operation().unwrap()
    })
}

fn copy(place: &Place) -> String {
    let copies = document(place, "restore list");
    if copies["copies"].as_array().unwrap().is_empty() {
        place.run(&["restore"]).expect(0);
    }
    newest(place, "restore list", "copies", "copy")
}

fn newest(place: &Place, read: &str, list: &str, field: &str) -> String {
    let document = document(place, read);
    let all = document[list].as_array().unwrap();
    let last = all.last().unwrap_or_else(|| panic!("{read}: {document}"));
    let name = last[field].as_str().or(last["record"][field].as_str());
    name.unwrap_or_else(|| panic!("{read}: {document}"))
        .to_owned()
}

fn document(place: &Place, read: &str) -> Value {
    let ended = place.run(&read.split(' ').collect::<Vec<_>>());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.said()))
}
