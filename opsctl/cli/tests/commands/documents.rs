//! Every command that a document shows is one that the program takes.

use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;
use opsctl_cli::args::Cli;
use testkit::documents::{commands, mentions, words};

use crate::place::Place;

#[test]
fn every_command_in_the_documents_is_understood() {
    let mut seen = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for command in commands(&text, "opsctl") {
            seen += 1;
            check(&document, &command, &[]);
        }
    }
    assert!(seen >= 50, "only {seen} commands were found");
}

#[test]
fn every_command_that_running_text_speaks_of_exists() {
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for mention in mentions(&text, "opsctl") {
            // Running text may leave out what the reader fills in.
            let shortened = [
                ErrorKind::MissingRequiredArgument,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ];
            check(&document, &mention, &shortened);
        }
    }
}

#[test]
fn runbooks_are_listed_and_printed_without_a_configuration() {
    let place = Place::with("this is no configuration");
    let listed = place.run("runbook");
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let mut rows = listed.stdout.lines().map(str::split_whitespace);
    let wanted = "drill-restore Drill a restore".split(' ');
    assert!(rows.any(|row| row.eq(wanted.clone())), "{}", listed.stdout);
    let plain = place.run("runbook migrate --output plain").stdout;
    let written = std::fs::read_to_string(root().join("runbooks/migrate.md")).unwrap();
    assert_eq!(plain.trim_end(), written.trim_end());
    let human = place.run("runbook migrate --output human").stdout;
    assert!(human.contains("\n    opsctl migrate status\n"), "{human}");
    let painted = place
        .run("runbook migrate --output human --color always")
        .stdout;
    assert!(
        painted.contains("\u{1b}[36mopsctl migrate status"),
        "{painted}"
    );
    let json = place.run("runbook migrate --output json").stdout;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["path"], "runbooks/migrate.md");
    let unknown = place.run("runbook restor");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("'restore'"), "{}", unknown.stderr);
}

#[test]
fn the_runbook_of_an_alert_is_printed_with_the_environment_in_its_commands() {
    let place = Place::with("this is no configuration");
    let named = place.run("--env production runbook errorratehigh --output plain");
    assert_eq!(named.code, Some(0), "{}", named.stderr);
    assert!(
        named.stdout.starts_with("# ErrorRateHigh: "),
        "{}",
        named.stdout
    );
    assert!(
        named.stdout.contains("\nopsctl --env production doctor\n"),
        "{}",
        named.stdout
    );
    assert!(
        !named.stdout.contains("\nopsctl doctor"),
        "{}",
        named.stdout
    );
    let here = place.run("runbook ErrorRateHigh --output json").stdout;
    let document: serde_json::Value = serde_json::from_str(&here).unwrap();
    assert_eq!(document["path"], "runbooks/alerts/ErrorRateHigh.md");
    assert!(
        document["text"]
            .as_str()
            .unwrap()
            .contains("\nopsctl doctor\n")
    );
    let nowhere = place.run("--env No.where runbook ErrorRateHigh");
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.stdout);
}

#[test]
fn the_promises_are_measured_as_prometheus_reads_them() {
    let place = Place::new();
    let ended = place.run("metrics --output plain");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for line in [
        "opsctl_promise_seconds{environment=\"local\",promise=\"rpo\"} 86400",
        "opsctl_backup_newest_timestamp_seconds{environment=\"local\"} 0",
        "opsctl_drill_promise_seconds{environment=\"local\",drill=\"restore\"} 2678400",
    ] {
        assert!(
            ended.stdout.lines().any(|it| it == line),
            "{line}: {}",
            ended.stdout
        );
    }
    assert_eq!(place.run("backup create").code, Some(0));
    let after = place.run("metrics --output plain").stdout;
    let none = "opsctl_backup_newest_timestamp_seconds{environment=\"local\"} 0";
    assert!(!after.lines().any(|it| it == none), "{after}");
}

#[test]
fn a_failed_operation_names_its_runbook() {
    let place = Place::new();
    for (words, runbook) in [
        ("maintenance on", "opsctl runbook maintenance"),
        (
            "restore rows --table users --where 1=1",
            "opsctl runbook restore-rows",
        ),
        (
            "drill restore --backup none",
            "opsctl runbook drill-restore",
        ),
        ("backup show none", "opsctl runbook backup"),
    ] {
        let ended = place.run(words);
        assert_ne!(ended.code, Some(0), "{words}");
        assert!(ended.stderr.contains(runbook), "{words}: {}", ended.stderr);
    }
    let ended = place.run("--env nowhere backup list");
    assert!(!ended.stderr.contains("runbook"), "{}", ended.stderr);
}

fn check(document: &Path, command: &str, fine: &[ErrorKind]) {
    let fine = [fine, &[ErrorKind::DisplayHelp, ErrorKind::DisplayVersion]].concat();
    // Where a word would not do.
    let nobody = "00000000-0000-4000-8000-000000000000";
    let command = command
        .replace("<number>", "1")
        .replace("<lineage>", nobody);
    if let Err(error) = Cli::try_parse_from(words(&command)) {
        let place = document.display();
        assert!(fine.contains(&error.kind()), "{place}: {command}: {error}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<PathBuf> {
    let root = root();
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for folder in ["runbooks", "runbooks/alerts", "docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    found
}
