//! Kill -9 at every boundary, then resume: the end is that of an undisturbed run.

use crate::place::Place;

fn kill_and_resume(place: &Place, words: &str, at: usize) {
    let killed = place.run_with(words, Some(&format!("kill-at:{at}")));
    assert_eq!(killed.code, None, "not killed at {at}: {}", killed.stderr);
    if let Some(operation) = place.open_operation() {
        let resumed = place.run(&format!("operation resume {operation} --lock-wait 30s"));
        assert_eq!(resumed.code, Some(0), "killed at {at}: {}", resumed.stderr);
    }
    assert_eq!(place.open_operation(), None, "killed at {at}");
}

#[test]
fn a_backup_that_was_killed_anywhere_is_there_once_and_good() {
    let place = Place::new("30d");
    let count = place.boundaries("backup create");
    assert!(count >= 5, "{count} boundaries");
    let before = place.backups().len();
    for at in 0..count {
        kill_and_resume(&place, "backup create", at);
        assert_eq!(place.backups().len(), before + at + 1, "killed at {at}");
    }
    assert_eq!(place.run("backup verify --all").code, Some(0));
    let leftovers = std::fs::read_dir(place.file("backups")).unwrap();
    assert_eq!(leftovers.count(), before + count);
}

#[test]
fn a_prune_that_was_killed_anywhere_deletes_what_was_planned() {
    let place = Place::new("0s");
    for _ in 0..4 {
        place.backup();
    }
    let count = place.boundaries("backup prune --yes");
    for at in 0..count {
        for _ in 0..2 {
            place.backup();
        }
        kill_and_resume(&place, "backup prune --yes", at);
        assert_eq!(place.backups().len(), 2, "killed at {at}");
    }
}
