//! Plants secrets in a repository and looks whether each is found. No secret stands here in one piece.

#![allow(clippy::unwrap_used)]

use std::fs;

use super::*;
use crate::machine::child;

/// A repository of its own, with one commit a call.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Self { folder };
        child::run(&mut repository.checkout().git(["init", "--quiet"])).unwrap();
        repository
    }

    fn checkout(&self) -> Checkout {
        let root = self.folder.path().to_owned();
        Checkout { root }
    }

    fn commit(&self, file: &str, content: Option<&str>) {
        let path = self.folder.path().join(file);
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let checkout = self.checkout();
        child::run(&mut checkout.git(["add", "--all"])).unwrap();
        let mut commit = checkout.git(["-c", "user.name=t", "-c", "user.email=t@localhost"]);
        commit.args(["commit", "--quiet", "--no-verify", "--message", "change"]);
        child::run(&mut commit).unwrap();
    }

    fn findings(&self) -> Vec<Finding> {
        let scanner = Scanner::new().unwrap();
        let (mut found, _) = in_tree(&self.checkout(), &scanner).unwrap();
        found.extend(history::findings(&self.checkout(), &scanner).unwrap().0);
        found.into_iter().collect()
    }
}

fn aws_key() -> String {
    ["AKIA", "IOSFODNN7", "QWERTYU"].concat()
}

#[test]
fn every_kind_of_secret_is_found_by_its_own_rule() {
    let drawn = ["q8ZtV2nX", "b71LkRw9", "Ym4sD0pH", "cJ6uT3fK", "a5eB"].concat();
    let planted = [
        ("AWS access key", aws_key()),
        (
            "private key",
            format!("-----BEGIN RSA {}-----\n{drawn}", "PRIVATE KEY"),
        ),
        ("GitHub token", format!("ghp_{drawn}")),
        ("GitHub token", format!("github_pat_{drawn}")),
        ("GitLab token", format!("glpat-{drawn}")),
        ("Slack token", format!("xoxb-{drawn}")),
        (
            "Slack webhook",
            format!("https://hooks.slack.com/services/T01/B02/{drawn}"),
        ),
        ("payment or mail key", format!("sk_live_{drawn}")),
        (
            "Google API key",
            format!("AIza{}", drawn.get(..35).unwrap()),
        ),
        ("package registry token", format!("npm_{drawn}")),
        (
            "password in a URL",
            format!(
                "postgres://app:{}@db.acme.com/app",
                ["hun", "ter2"].concat()
            ),
        ),
        ("secret in an assignment", format!("JWT_SECRET={drawn}")),
        ("secret in an assignment", format!("  apiKey: '{drawn}',")),
    ];
    let scanner = Scanner::new().unwrap();
    for (rule, text) in planted {
        let hits = scanner.hits(format!("first line\n{text}\n").as_bytes());
        let places: Vec<String> = hits
            .iter()
            .map(|hit| hit.at(hit.line.to_string()).to_string())
            .collect();
        assert!(
            places.iter().any(|place| place.contains(rule)),
            "{rule} was not found: {places:?}"
        );
    }
}

#[test]
fn a_secret_in_the_tree_is_told_by_its_file_and_line() {
    let repository = Repository::new();
    repository.commit("settings", Some(&format!("one\nkey = {}\n", aws_key())));
    let findings = repository.findings();
    assert!(
        findings.iter().any(|finding| finding.place == "settings:2"),
        "{findings:?}"
    );
}

#[test]
fn a_secret_that_was_deleted_again_is_found_in_the_history() {
    let repository = Repository::new();
    repository.commit("settings", Some(&aws_key()));
    repository.commit("settings", None);
    let findings = repository.findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].place.starts_with("settings:1 in object "));
    assert_eq!(unexcused(&repository.checkout()).unwrap().findings.len(), 1);
}

#[test]
fn an_excused_finding_passes_until_it_is_gone() {
    let repository = Repository::new();
    repository.commit("settings", Some(&aws_key()));
    let fingerprint = repository.findings()[0].fingerprint.clone();
    let excuse = format!("{fingerprint} printed in the vendor's manual\n");
    repository.commit(allowed::FILE, Some(&excuse));
    assert!(
        unexcused(&repository.checkout())
            .unwrap()
            .findings
            .is_empty()
    );

    let clean = Repository::new();
    clean.commit(allowed::FILE, Some(&excuse));
    let error = unexcused(&clean.checkout()).err().unwrap().to_string();
    assert!(error.contains("nowhere any more"), "{error}");
}

#[test]
fn a_finding_never_shows_the_secret() {
    let repository = Repository::new();
    repository.commit("settings", Some(&aws_key()));
    for finding in repository.findings() {
        assert!(!format!("{finding} {finding:?}").contains(&aws_key()));
    }
}

#[test]
fn ordinary_code_raises_no_alarm() {
    let ordinary = "let token = next_token_of_the_stream();\n\
        password_file: \"/var/lib/app/app_login.password\"\n\
        postgres://app_login@127.0.0.1:5433/app\n\
        postgres://user:password@localhost/app\n\
        JWT_SECRET=${JWT_SECRET}\n\
        checksum = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n";
    let scanner = Scanner::new().unwrap();
    assert_eq!(scanner.hits(ordinary.as_bytes()).len(), 0);
}
