//! Signals to stop: heard at once, obeyed at the next step boundary, and what stopped can be resumed.

use rustix::process::Signal;
use serde_json::Value;

use crate::place::Place;

/// The words after `opsctl` of the command that a line tells to run.
fn resume_command(told: &str) -> String {
    let line = told
        .lines()
        .find(|line| line.contains("operation resume"))
        .unwrap_or_else(|| panic!("no command to resume: {told}"));
    line.split_once("opsctl ").unwrap().1.to_owned()
}

fn holder(place: &Place) -> Value {
    let status = place.run("lock status --output json");
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    let locks = status["locks"].as_array().unwrap();
    let database = locks.iter().find(|lock| lock["resource"] == "database");
    database.unwrap()["record"]["holder"].clone()
}

#[test]
fn a_signal_to_end_is_heard_like_ctrl_c_and_the_lock_is_let_go() {
    for signal in [Signal::INT, Signal::TERM] {
        let place = Place::new();
        let (mut running, gate) = place.start_until("maintenance on --yes", (1, "tell:started"));
        assert_ne!(holder(&place), Value::Null);
        running.signal(signal);
        // It says so while the step still works.
        running.tells("stopping at the next step boundary");
        drop(gate);
        let stopped = running.end();
        assert_eq!(stopped.code, Some(7), "{}", stopped.stderr);
        assert!(
            stopped.stderr.contains("stopped at a step boundary"),
            "{}",
            stopped.stderr
        );
        assert_eq!(holder(&place), Value::Null, "the lock is let go");
        let operation = place.open_operation().unwrap();
        let words = resume_command(&stopped.stderr);
        assert!(words.ends_with(&operation), "{words}");
        let resumed = place.run(&words);
        assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
        assert_eq!(place.descriptor()["mode"], "read_only");
        assert_eq!(place.open_operation(), None);
    }
}

#[test]
fn a_drill_that_was_interrupted_is_resumed_to_one_document_and_leaves_no_copy() {
    let place = Place::new();
    assert_eq!(
        place.run("data seed --users 3 --posts 3 --comments 3").code,
        Some(0)
    );
    let (mut running, gate) = place.start_until("drill restore", (26, "restore:applied"));
    running.signal(Signal::INT);
    running.tells("stopping");
    drop(gate);
    let stopped = running.end();
    assert_eq!(stopped.code, Some(7), "{}", stopped.stderr);
    let resumed = place.run(&resume_command(&stopped.stderr));
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    let listed = place.run("evidence list --output json");
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed["evidence"].as_array().unwrap().len(), 1, "{listed}");
    let copies = place.run("restore list");
    assert!(
        !copies.stdout.contains("drill-restore"),
        "{}",
        copies.stdout
    );
}
