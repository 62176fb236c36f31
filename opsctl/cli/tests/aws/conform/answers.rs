//! The specification held beside what AWS says.

use serde_json::Value;

use crate::runner::Runner;
use crate::stage::Stage;

const CONTENTS: &str = "version: 1\ndocument: {title: A document, lines: 9}\ncomponents: components.yaml\n\
                        chapters: [{title: A chapter, file: lines.yaml, lines: [1]}]\n";

/// A list of one line for each check.
fn list(runner: &Runner, checks: &[(&str, &str)]) {
    let line = |(id, check): &(&str, &str)| {
        format!(
            "  - {{id: {id}, at: 1, section: A, text: It holds, offline: [text: {{file: a.txt, has: word}}], live: [aws: {{{check}}}]}}\n"
        )
    };
    let lines: String = checks.iter().map(line).collect();
    runner.write("conformance.yaml", CONTENTS);
    runner.write("components.yaml", "components: []\n");
    runner.write("lines.yaml", &format!("lines:\n{lines}"));
    runner.write("a.txt", "a word\n");
}

/// Each line's verdict.
fn verdicts(document: &Value) -> Vec<&str> {
    let lines = document["lines"].as_array().unwrap().iter();
    lines
        .map(|line| line["verdict"].as_str().unwrap())
        .collect()
}

#[test]
fn what_aws_says_of_the_database_its_secrets_and_buckets_is_a_real_answer() {
    let (_stage, runner) = Stage::new();
    list(
        &runner,
        &[
            ("engine", "asset: database, field: /engine, is: postgres"),
            (
                "kept",
                "asset: database, field: /backup_retention_period, at_least: 30",
            ),
            (
                "account",
                "asset: account, field: /id, is: \"111111111111\"",
            ),
            (
                "replica",
                "asset: replica, field: /storage_encrypted, is: true",
            ),
            (
                "rotation",
                "asset: secret/database-master, field: /rotation_enabled, is: false",
            ),
            (
                "bucket",
                "asset: bucket/state, field: /arn, is: \"arn:aws:s3:::state\"",
            ),
            ("cache", "asset: cache, field: /engine, is: redis"),
            (
                "abroad",
                "asset: replicated-backups, field: /retention_period, at_least: 30",
            ),
        ],
    );
    let ended = runner.run(&["conform"]).expect(6);
    let document = ended.document();
    let expected = [
        "holds", "broken", "holds", "broken", "holds", "holds", "unknown", "broken",
    ];
    assert_eq!(verdicts(&document), expected, "{}", ended.said());
    assert!(ended.said().contains(":db:orders"), "{}", ended.said());
}
