//! The answers of the main commands, word by word: exit code, stdout, stderr. What differs from run to run is
//! redacted. `INSTA_UPDATE=always` writes them anew; the difference is for a reviewer to read.

use std::path::Path;

use regex::Regex;
use rustix::process::Signal;

use crate::place::Place;

const SEED: &str = "data seed --users 3 --posts 4 --comments 5";

/// What differs from run to run, and what stands for it.
const REDACTIONS: [(&str, &str); 12] = [
    (r"Z +[0-9]+s +[0-9]+\.[0-9] [KM]iB", "Z  <age>  <size>"),
    (r"[0-9]{8}t[0-9]{6}z-[0-9a-f]{8}", "<id>"),
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z",
        "<time>",
    ),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
    (r"(?-u:\b)[0-9a-f]{64}(?-u:\b)", "<sha256>"),
    (r"(?-u:\b)[0-9a-f]{16}(?-u:\b)", "<key>"),
    (r"(?-u:\b)[0-9]+\.[0-9]+ s(?-u:\b)", "<seconds>"),
    (r"(?-u:\b)[0-9]+\.[0-9] [KM]iB(?-u:\b)", "<size>"),
    (r"(?-u:\b)[0-9]+ bytes(?-u:\b)", "<bytes>"),
    (
        r"(?-u:\b)[0-9]+(s|ms|us)( [0-9]+(ms|us|ns))* ago(?-u:\b)",
        "<age> ago",
    ),
    (
        r"(?-u:\b)(uid 0|[a-z][a-z0-9_-]*)@[A-Za-z0-9._-]+ \(claimed\)",
        "<who> (claimed)",
    ),
    (
        r"(?-u:\b)on [A-Za-z0-9._-]+ since <time>",
        "on <host> since <time>",
    ),
];

fn redacted(place: &Place, text: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_opsctl")).parent().unwrap();
    let mut text = text.replace(&place.folder().display().to_string(), "<place>");
    text = text.replace(&program.display().to_string(), "<program>");
    for (pattern, name) in REDACTIONS {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, name).into_owned();
    }
    // Columns are as wide as what was redacted.
    let lines = text.lines().map(|line| {
        let indent = line.len() - line.trim_start().len();
        let columns = line.trim().split("  ").map(str::trim);
        let columns: Vec<&str> = columns.filter(|column| !column.is_empty()).collect();
        format!("{}{}", " ".repeat(indent), columns.join("  "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs the command; everything that it answers.
fn answer(place: &Place, words: &str) -> String {
    let ended = place.run_as_ada(words);
    format!(
        "$ opsctl {}\nexit {}\n-- stdout\n{}\n-- stderr\n{}",
        redacted(place, words),
        ended.code.unwrap(),
        redacted(place, &ended.stdout),
        redacted(place, &ended.stderr),
    )
}

/// The answers of several commands, one after the other.
fn answers(place: &Place, commands: &[&str]) -> String {
    let all: Vec<String> = commands.iter().map(|words| answer(place, words)).collect();
    all.join("\n\n")
}

#[test]
fn what_an_environment_without_a_database_answers() {
    let place =
        Place::with("version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n");
    insta::assert_snapshot!(answers(
        &place,
        &[
            "migrate status",
            "migrate status --exit-code",
            "backup list",
            "backup create",
            "drill restore",
            "restore",
            "doctor",
            "evidence list",
            "evidence verify",
            "operation list",
            "lock status",
            "maintenance on --yes",
            "restore undo --confirm local",
        ]
    ));
}

#[test]
fn what_the_configuration_and_the_migrations_answer() {
    let place =
        Place::with("version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n");
    insta::assert_snapshot!(answers(
        &place,
        &[
            "config show",
            "migrate plan",
            "migrate up",
            "migrate up",
            "migrate plan",
            "migrate status",
            "migrate lint",
            "migrate down --to 5",
        ]
    ));
}

#[test]
fn what_backups_and_restores_answer() {
    let place = Place::new();
    insta::assert_snapshot!(answers(
        &place,
        &[
            SEED,
            "backup create",
            "backup list",
            "backup show no-such",
            "backup prune --dry-run",
            "restore --dry-run",
            "restore",
            "restore list",
            "restore --to 2020-01-01T00:00:00Z",
            "restore --to yesterday",
            "restore --cut-over",
            "restore --cut-over --yes",
            "restore rows --table users --where email='nobody'",
            "restore rows --table nothing --where a=1",
            "restore discard no-such",
        ]
    ));
}

#[test]
fn what_drills_and_their_evidence_answer() {
    let place = Place::new();
    assert_eq!(place.run(SEED).code, Some(0));
    assert_eq!(place.run("backup create").code, Some(0));
    insta::assert_snapshot!(answers(
        &place,
        &[
            "drill restore --dry-run",
            "drill restore",
            "drill restore --backup no-such",
            "evidence list",
            "evidence show 7",
            "evidence verify",
            "doctor",
        ]
    ));
}

#[test]
fn what_is_answered_while_a_dead_operator_still_holds_the_lock() {
    let place = Place::with(
        "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n    lock:\n      lease: 10m\n",
    );
    assert_eq!(place.run("migrate up").code, Some(0));
    let fault = [("OPSCTL_FAULT", "kill-at:2"), ("USER", "ada")];
    assert_eq!(place.run_with("maintenance on --yes", &fault).code, None);
    let operation = place.open_operation().unwrap();
    insta::assert_snapshot!(answers(
        &place,
        &[
            "operation list --open",
            &format!("operation show {operation}"),
            "operation show no-such",
            "lock status",
            "maintenance off",
        ]
    ));
}

#[test]
fn what_is_answered_about_an_operation_that_was_interrupted() {
    let place = Place::new();
    let (mut running, gate) = place.start_until("maintenance on --yes", (1, "tell:started"));
    running.signal(Signal::INT);
    running.tells("stopping");
    drop(gate);
    assert_eq!(running.end().code, Some(7));
    let operation = place.open_operation().unwrap();
    insta::assert_snapshot!(answers(
        &place,
        &[
            "operation list",
            &format!("operation show {operation}"),
            "lock status",
            "maintenance off",
            &format!("operation resume {operation}"),
            &format!("operation resume {operation} --yes"),
            &format!("operation resume {operation} --yes"),
            &format!("operation abandon {operation} --reason because"),
            "lock release database",
            "lock status",
        ]
    ));
}
