//! Nothing secret is in anything that opsctl writes.

use std::path::Path;

use crate::place::{Ended, Place};

/// In the environment of every command, where somebody may have left it.
const PLANTED: &str = "planted-7f3a-secret";

/// What an operator does in a week, right and wrong.
const SWEEP: [&str; 24] = [
    "config show",
    "doctor",
    "migrate status",
    "migrate plan",
    "migrate up",
    "data seed --yes --users=5 --posts=5 --comments=5",
    "backup create",
    "backup list",
    "backup verify newest",
    "backup verify none-such",
    "drill restore",
    "drill restore --dry-run",
    "evidence list",
    "evidence show",
    "evidence verify",
    "evidence key",
    "operation list",
    "lock status",
    "restore --to 2020-01-01T00:00:00Z",
    "restore --cut-over",
    "restore rows --table users --where true --dry-run",
    "maintenance on --yes",
    "maintenance off --yes",
    "env adopt --yes",
];

#[test]
fn no_output_journal_or_evidence_holds_a_secret() {
    let place = Place::postgres();
    let password = std::fs::read_to_string(place.file("app_login.password")).unwrap();
    let mut said = String::new();
    for words in SWEEP {
        for format in ["human", "plain", "json"] {
            said.push_str(&spoken(&place, words, format));
        }
    }
    let mut secrets = vec![PLANTED.to_owned(), password.trim().to_owned()];
    secrets.extend(
        contents(&place.file("keys"))
            .into_iter()
            .filter(|(name, _)| !name.contains("pub"))
            .map(|(_, text)| text),
    );
    assert!(secrets.len() > 2, "there is a signing key by now");
    for secret in &secrets {
        // A key file may have a heading; its body is what must not leak.
        let body = secret.lines().max_by_key(|line| line.len()).unwrap();
        assert!(body.len() > 15, "too short to be looked for");
        assert!(!said.contains(body), "a secret was printed");
        for (name, text) in contents(&place.file("state")) {
            assert!(!text.contains(body), "a secret is in {name}");
        }
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_refused_and_not_repeated() {
    let place = Place::bare();
    let file = place.file("../../opsctl.yaml");
    std::fs::create_dir_all(place.file("")).unwrap();
    for line in [
        format!("      password: {PLANTED}"),
        format!("      url: postgres://app:{PLANTED}@db.example.org/app"),
    ] {
        let text = format!(
            "version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n{line}\n"
        );
        std::fs::write(&file, text).unwrap();
        for format in ["human", "plain", "json"] {
            let ended = place
                .command(&["config", "show", "--verbose", "--output", format])
                .output()
                .unwrap();
            let ended = Ended::of(ended).expect(2);
            assert!(!ended.said().contains(PLANTED), "{}", ended.said());
        }
    }
}

fn spoken(place: &Place, words: &str, format: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let output = place
        .command(&words)
        .args(["--verbose", "--output", format])
        .env("PGPASSWORD", PLANTED)
        .env("JWT_SECRET", PLANTED)
        .env(
            "DATABASE_URL",
            format!("postgres://app:{PLANTED}@127.0.0.1/app"),
        )
        .output()
        .unwrap();
    Ended::of(output).said()
}

/// Every file below a folder that is text, with its name.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.display().to_string(), text));
        }
    }
    found
}
