//! `opsctl drill restore --self-test`, killed with -9 and resumed: every kind of damage is still caught.

use serde_json::Value;

use crate::place::Place;

const SELF_TEST: [&str; 5] = ["drill", "restore", "--self-test", "--seed", "7"];

/// What each trial came to, without what differs between two runs.
fn trials(result: &Value) -> Vec<(String, String)> {
    let trials = result["trials"].as_array().unwrap().iter();
    let told = |trial: &Value| (trial["damage"].to_string(), trial["outcome"].to_string());
    trials.map(told).collect()
}

#[test]
fn a_self_test_killed_in_the_middle_and_resumed_finds_what_an_undisturbed_one_finds() {
    let place = Place::new();
    let rows = ["--users=20", "--posts=50", "--comments=100"];
    place
        .run(&[&["data", "seed", "--yes"][..], &rows].concat())
        .expect(0);
    place.back_up();
    let expected = trials(&place.run(&SELF_TEST).expect(0).result());
    assert!(expected.iter().any(|(_, outcome)| outcome == "\"caught\""));
    let boundaries = place.boundaries(&SELF_TEST);
    for boundary in [
        "control-before:applied",
        "damage-row-changed:started",
        "control-after:started",
    ] {
        let at = boundaries.iter().position(|known| known == boundary);
        let fault = format!("kill-at:{}", at.unwrap());
        let killed = place.run_with(&SELF_TEST, Some(&fault));
        assert_eq!(killed.code, None, "{boundary}: {}", killed.said());
        let operation = place.open_operation().unwrap();
        let words = ["operation", "resume", &operation, "--lock-wait", "30s"];
        let resumed = place.run(&words).expect(0);
        assert_eq!(trials(&resumed.result()), expected, "killed at {boundary}");
        let copies = place.run(&["restore", "list"]).expect(0);
        assert!(!copies.stdout.contains("self-test"), "{}", copies.stdout);
    }
    let listed = place.run(&["evidence", "list"]).expect(0).document();
    let documents = listed["evidence"].as_array().unwrap();
    // The first, the one that was counted, and each that was resumed.
    assert_eq!(documents.len(), 5, "{listed}");
    for document in documents {
        assert_eq!(document["drill"], "restore-self-test");
        assert_eq!(document["verdict"], "passed");
        assert_eq!(document["self_test"]["seed"], 7);
    }
    place.trust_own_key();
    place.run(&["evidence", "verify"]).expect(0);
    let shown = place.command(&["evidence", "show", "2"]).output().unwrap();
    let page = String::from_utf8(shown.stdout).unwrap();
    assert!(page.contains("## Planted damage, seed 7"), "{page}");
    assert!(page.contains("- a row lost: caught"), "{page}");
}
