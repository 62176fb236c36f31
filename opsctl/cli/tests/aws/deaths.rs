//! Killed runs that another machine goes on with, answers that were lost, calls that were throttled: nothing twice, nothing left.

use testkit_aws::{Fault, Rule, Times};

use crate::runner::Runner;
use crate::stage::Stage;

/// Kills the command at each boundary that is named, and lets another machine go on.
fn killed_at(stage: &Stage, words: &[&str], steps: &[&str], after: impl Fn(&str)) {
    let runner = Runner::of(stage);
    let boundaries = runner.boundaries(words);
    after("undisturbed");
    for step in steps {
        Runner::of(stage).killed_at(words, &boundaries, step);
        let other = Runner::of(stage);
        let resumed = other.resume();
        assert_eq!(
            resumed.code,
            Some(0),
            "killed at {step}: {}",
            resumed.said()
        );
        assert_eq!(other.open_operation(), None, "killed at {step}");
        after(step);
    }
}

#[test]
fn a_backup_that_died_is_finished_by_another_machine_and_is_there_once() {
    let (stage, _) = Stage::new();
    let taken = std::cell::Cell::new(0);
    killed_at(
        &stage,
        &["backup", "create"],
        &["take:started", "take:applied"],
        |step| {
            taken.set(taken.get() + 1);
            assert_eq!(stage.snapshots().len(), taken.get(), "killed at {step}");
        },
    );
}

#[test]
fn a_restore_that_died_is_finished_by_another_machine_with_one_instance() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    let steps = [
        "fetch:started",
        "fetch:applied",
        "start:applied",
        "verify:applied",
    ];
    killed_at(&stage, &["restore"], &steps, |step| {
        let copies = runner.run(&["restore", "list"]).expect(0).document();
        let copies = copies["copies"].as_array().unwrap().clone();
        assert_eq!(copies.len(), 1, "killed at {step}");
        assert_eq!(stage.instances().len(), 2, "killed at {step}");
        let copy = copies[0]["copy"].as_str().unwrap();
        runner.run(&["restore", "discard", copy]).expect(0);
    });
}

#[test]
fn a_drill_that_died_is_finished_by_another_machine_with_one_piece_of_evidence() {
    let (stage, runner) = Stage::new();
    runner.trust_own_key();
    runner.back_up();
    let drilled = std::cell::Cell::new(0);
    let steps = ["fetch:applied", "restore:applied", "write-evidence:applied"];
    killed_at(&stage, &["drill", "restore"], &steps, |step| {
        drilled.set(drilled.get() + 1);
        let listed = runner.run(&["evidence", "list"]).expect(0).document();
        let evidence = listed["evidence"].as_array().unwrap();
        assert_eq!(evidence.len(), drilled.get(), "killed at {step}");
        assert_eq!(stage.instances().len(), 1, "killed at {step}");
    });
}

#[test]
fn an_answer_lost_after_any_change_is_found_again_and_nothing_is_there_twice() {
    let (stage, runner) = Stage::new();
    for action in [
        "CreateDBSnapshot",
        "AddTagsToResource",
        "RestoreDBInstanceFromDBSnapshot",
        "ModifyDBInstance",
        "DeleteDBInstance",
    ] {
        stage.aws.faults().clear();
        let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action(action);
        stage.aws.faults().add(lost);
        let before = stage.snapshots().len();
        runner.back_up();
        assert_eq!(stage.snapshots().len(), before + 1, "{action}");
        let result = runner.run(&["restore"]).expect(0).result();
        assert_eq!(stage.instances().len(), 2, "{action}");
        let copy = result["copy"].as_str().unwrap();
        runner.run(&["restore", "discard", copy]).expect(0);
        assert_eq!(stage.instances().len(), 1, "{action}");
    }
}

#[test]
fn an_account_that_throttles_every_second_call_is_slow_and_no_more() {
    let (stage, runner) = Stage::new();
    let throttled = Rule::new(Fault::Throttled, Times::Percent(50, 7));
    stage
        .aws
        .faults()
        .add(throttled.service(testkit_aws::Service::Rds));
    runner.back_up();
    let result = runner.run(&["restore"]).expect(0).result();
    stage.aws.faults().clear();
    assert_eq!(stage.instances().len(), 2);
    let copy = result["copy"].as_str().unwrap();
    assert_eq!(stage.sql(copy, "SELECT count(*) FROM users"), "20");
}
