//! `opsctl drill restore` in an account: figures, evidence, and nothing left behind.

use crate::runner::Runner;
use crate::stage::Stage;

#[test]
fn a_drill_restores_proves_measures_and_leaves_evidence_that_cannot_be_taken_back() {
    let (stage, runner) = Stage::new();
    runner.trust_own_key();
    runner.back_up();
    let result = runner.run(&["drill", "restore"]).expect(0).result();
    let document = &result["document"];
    assert_eq!(document["verdict"], "passed", "{document}");
    assert!(document["rto"]["measured_seconds"].as_f64().unwrap() > 0.0);
    assert!(
        document["rto"]["warm"]["measured_seconds"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    assert!(document["rpo"]["measured_seconds"].as_f64().is_some());
    let levels = document["integrity"]["levels"].as_array().unwrap();
    let failed = levels.iter().filter(|level| level["outcome"] == "failed");
    assert_eq!(failed.count(), 0, "{levels:?}");
    assert_eq!(stage.instances().len(), 1, "the copy is gone");

    // Another machine signs with the same key, and goes on with the same chain.
    let other = Runner::of(&stage);
    other.trust_own_key();
    other.run(&["evidence", "verify"]).expect(0);
    other.run(&["drill", "restore"]).expect(0);
    let listed = other.run(&["evidence", "list"]).expect(0).document();
    assert_eq!(listed["evidence"].as_array().unwrap().len(), 2);
    runner.run(&["evidence", "verify"]).expect(0);
}

#[test]
fn the_verifier_finds_what_was_damaged_on_purpose_in_rds_too() {
    let (stage, runner) = Stage::new();
    runner.trust_own_key();
    runner.back_up();
    let words = ["drill", "restore", "--self-test", "--seed", "7", "--yes"];
    let result = runner.run(&words).expect(0).result();
    let trials = result["trials"].as_array().unwrap();
    let caught = trials.iter().filter(|it| it["outcome"] == "caught").count();
    assert!(caught > 5, "{trials:?}");
    assert_eq!(stage.instances().len(), 1);
}
