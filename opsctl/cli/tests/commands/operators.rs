//! Two operators at once: one works, the other is told who does, and nobody is robbed.

use crate::place::Place;

const WORKING: (&str, (usize, &str)) = ("maintenance on --yes", (1, "tell:started"));
const SEED: &str = "data seed --users 3 --posts 3 --comments 3";

#[test]
fn whoever_supersedes_is_heard_at_the_next_boundary() {
    let place = Place::new();
    let (running, gate) = place.start_until(WORKING.0, WORKING.1);
    let mut urgent = place.start(&format!("{SEED} --supersede --lock-wait 60s"), &[]);
    urgent.tells("waiting for");
    // The holder looks for wishes while it works; it hears this one before its lease is over.
    let heard = place.file(&format!(
        "state/operations/{}/stop.register",
        place.open_operation().unwrap()
    ));
    until(|| std::fs::read_dir(&heard).is_ok_and(|entries| entries.count() >= 2));
    drop(gate);
    let superseded = running.end();
    assert_eq!(superseded.code, Some(1), "{}", superseded.stderr);
    assert!(
        superseded.stderr.contains("superseded by"),
        "{}",
        superseded.stderr
    );
    let ended = urgent.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("users: 3 rows"), "{}", ended.stdout);
}

#[test]
fn a_living_holder_is_not_robbed_by_a_release_and_a_dead_one_is() {
    let place = Place::new();
    let (running, gate) = place.start_until(WORKING.0, WORKING.1);
    let operation = place.open_operation().unwrap();
    let refused = place.run("lock release database");
    assert_eq!(refused.code, Some(5), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("renewed its lease"),
        "{}",
        refused.stderr
    );
    drop(running);
    drop(gate);
    let freed = place.run("lock release database");
    assert_eq!(freed.code, Some(0), "{}", freed.stderr);
    assert!(
        freed
            .stdout
            .contains(&format!("operation resume {operation}")),
        "{}",
        freed.stdout
    );
    let refused = place.run(SEED);
    assert_eq!(refused.code, Some(5), "the open operation is in the way");
    let resumed = place.run(&format!("operation resume {operation}"));
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
}

#[test]
fn a_running_operation_can_be_neither_resumed_nor_abandoned_by_another() {
    let place = Place::new();
    let (running, gate) = place.start_until(WORKING.0, WORKING.1);
    let operation = place.open_operation().unwrap();
    for words in [
        format!("operation resume {operation}"),
        format!("operation abandon {operation} --reason because"),
    ] {
        let refused = place.run(&words);
        assert_eq!(refused.code, Some(5), "{words}: {}", refused.stderr);
    }
    drop(gate);
    assert_eq!(running.end().code, Some(0));
    assert_eq!(place.descriptor()["mode"], "read_only");
}

#[test]
fn a_drill_runs_beside_a_restore_and_both_end_well() {
    let place = Place::new();
    let seeded = place.run(SEED);
    assert_eq!(seeded.code, Some(0), "{}", seeded.stderr);
    assert_eq!(place.run("backup create").code, Some(0));
    let (restore, gate) = place.start_until("restore", (13, "fetch:started"));
    let (drill, beside) = place.start_until("drill restore", (17, "fetch:started"));
    drop(beside);
    let drilled = drill.end();
    assert_eq!(drilled.code, Some(0), "{}", drilled.stderr);
    drop(gate);
    let restored = restore.end();
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    assert_eq!(place.open_operation(), None);
}

fn until(mut done: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !done() {
        assert!(begun.elapsed().as_secs() < 60, "it never came to that");
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
}
