//! `opsctl maintenance`: asked for, obeyed, resumed.

use crate::place::Place;

#[test]
fn the_mode_changes_and_comes_back() {
    let place = Place::new();
    let on = place.run("maintenance on --mode full --yes");
    assert_eq!(on.code, Some(0), "{}", on.stderr);
    assert_eq!(on.stdout, "the mode is maintenance; no process runs\n");
    assert_eq!(place.descriptor()["mode"], "maintenance");
    let off = place.run("maintenance off");
    assert_eq!(off.code, Some(0), "{}", off.stderr);
    assert_eq!(place.descriptor()["mode"], "normal");
}

#[test]
fn nobody_at_the_terminal_never_means_yes() {
    let place = Place::new();
    let refused = place.run("maintenance on");
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(place.descriptor()["mode"], "normal");
    let severe = place.run("env adopt --reason because --yes");
    assert_eq!(
        severe.code,
        Some(4),
        "--yes must not answer severe questions"
    );
    assert!(severe.stderr.contains("--confirm local"));
}

#[test]
fn a_change_of_mode_that_was_killed_anywhere_is_resumed_to_its_end() {
    let place = Place::new();
    let count = place.boundaries("maintenance on --yes");
    assert!(count >= 4, "{count} boundaries");
    for at in 0..count {
        let off = place.run("maintenance off --lock-wait 30s");
        assert_eq!(off.code, Some(0), "{}", off.stderr);
        let fault = format!("kill-at:{at}");
        let killed = place.run_with(
            "maintenance on --yes --lock-wait 30s",
            &[("OPSCTL_FAULT", &fault)],
        );
        assert_eq!(killed.code, None, "not killed at {at}: {}", killed.stderr);
        if let Some(operation) = place.open_operation() {
            let resumed = place.run(&format!("operation resume {operation} --lock-wait 30s"));
            assert_eq!(resumed.code, Some(0), "killed at {at}: {}", resumed.stderr);
            assert_eq!(place.descriptor()["mode"], "read_only", "killed at {at}");
        }
        assert_eq!(place.open_operation(), None, "killed at {at}");
    }
}
