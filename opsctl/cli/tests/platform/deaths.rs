//! Kill -9 in the middle of a cut-over under a running application. The simulated platform walks every
//! boundary on every run; here the real parts die at one boundary of each step that changes something.

use crate::place::Place;
use crate::rows::{ADA, count, delete_ada};

const CUT_OVER: [&str; 4] = ["restore", "--cut-over", "--confirm", "local"];

#[test]
fn a_cut_over_that_was_killed_in_any_step_is_resumed_and_the_application_follows() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    let boundaries = place.boundaries(&CUT_OVER);
    place.undo().expect(0);
    let steps = [
        "fetch",
        "freeze",
        "fence",
        "promote",
        "switch",
        "set-aside",
        "unfreeze",
    ];
    for step in steps {
        let boundary = format!("{step}:applied");
        let at = boundaries
            .iter()
            .position(|known| *known == boundary)
            .unwrap();
        let before = place.descriptor()["lineage_id"].clone();
        let killed = place.run_with(&CUT_OVER, Some(&format!("kill-at:{at}")));
        assert_eq!(
            killed.code, None,
            "not killed after {step}: {}",
            killed.stderr
        );
        let operation = place.open_operation().unwrap();
        assert_eq!(
            service.ready()["status"],
            "ready",
            "reads go on, killed after {step}"
        );
        let words = ["operation", "resume", &operation, "--lock-wait", "30s"];
        place.run(&words).expect(0);
        assert_ne!(
            place.descriptor()["lineage_id"],
            before,
            "killed after {step}"
        );
        assert_eq!(
            service.ready()["lineage_id"],
            place.descriptor()["lineage_id"]
        );
        assert_eq!(service.ready()["mode"], "normal", "killed after {step}");
        assert_eq!(place.open_operation(), None, "killed after {step}");
        place.undo().expect(0);
    }
}

/// Dies at a boundary, if it has so many; whatever is open then is resumed to its end.
fn dies_and_is_resumed(place: &Place, words: &[&str], at: usize) -> bool {
    let killed = place.run_with(words, Some(&format!("kill-at:{at}")));
    if killed.code == Some(0) {
        return false;
    }
    assert_eq!(killed.code, None, "killed at {at}: {}", killed.said());
    if let Some(operation) = place.open_operation() {
        let words = ["operation", "resume", &operation, "--lock-wait", "30s"];
        place.run(&words).expect(0);
    }
    assert_eq!(place.open_operation(), None, "killed at {at}");
    true
}

#[test]
fn rows_that_were_brought_back_by_a_run_that_died_are_there_once() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    assert_eq!(service.sign_up("bob"), 201);
    place.back_up();
    let words = [&ADA[..], &["--yes"]].concat();
    delete_ada(&place);
    // A restore and a writing of rows, one after the other: a death in every third of their boundaries.
    for at in (0..).step_by(3) {
        delete_ada(&place);
        if !dies_and_is_resumed(&place, &words, at) {
            assert!(at > 20, "it has no more than {at} boundaries");
            break;
        }
        // Where it died before it began to write, the copy waits for the second half.
        place.run(&words);
        let ada = count(&place, "users WHERE email = 'ada@example.org'");
        assert_eq!(ada, 1, "killed at {at}");
        assert_eq!(count(&place, "users"), 2, "killed at {at}");
    }
}

#[test]
fn sample_data_of_a_run_that_died_is_whole_and_nothing_of_it_is_there_twice() {
    let words = [
        "data",
        "seed",
        "--yes",
        "--users=5",
        "--posts=7",
        "--comments=9",
    ];
    let boundaries = Place::new().boundaries(&words).len();
    for at in 0..boundaries {
        let place = Place::new();
        assert!(
            dies_and_is_resumed(&place, &words, at),
            "not killed at {at}"
        );
        let rows = ["users", "posts", "comments"].map(|table| count(&place, table));
        assert_eq!(rows, [5, 7, 9], "killed at {at}");
    }
}

#[test]
fn an_adoption_that_died_is_resumed_and_everybody_agrees() {
    let place = Place::new();
    let right = place.descriptor();
    let words = ["env", "adopt", "--reason", "by-hand", "--confirm", "local"];
    let astray = || {
        let mut wrong = place.descriptor();
        wrong["lineage_id"] = "00000000-0000-4000-8000-000000000000".into();
        std::fs::write(place.file("database.json"), wrong.to_string()).unwrap();
    };
    astray();
    for at in 0..place.boundaries(&words).len() {
        astray();
        assert!(
            dies_and_is_resumed(&place, &words, at),
            "not killed at {at}"
        );
        assert_eq!(
            place.descriptor()["lineage_id"],
            right["lineage_id"],
            "killed at {at}"
        );
        place.back_up();
    }
}
