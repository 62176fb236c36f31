//! `opsctl drill restore`, killed with -9 after each of its steps.

use crate::place::Place;

const DRILL: [&str; 2] = ["drill", "restore"];

/// A backup with rows to prove, and a key that is trusted.
fn seeded() -> Place {
    let place = Place::new();
    let rows = ["--users=20", "--posts=50", "--comments=100"];
    place
        .run(&[&["data", "seed", "--yes"][..], &rows].concat())
        .expect(0);
    place.back_up();
    place.trust_own_key();
    place
}

#[test]
fn a_drill_killed_after_any_step_and_resumed_leaves_one_piece_of_evidence_and_no_copy() {
    let place = seeded();
    let boundaries = place.boundaries(&DRILL);
    let applied: Vec<usize> = boundaries
        .iter()
        .enumerate()
        .filter_map(|(at, name)| name.ends_with(":applied").then_some(at))
        .collect();
    assert!(applied.len() > 10, "{boundaries:?}");
    for (done, at) in applied.into_iter().enumerate() {
        let step = &boundaries[at];
        let killed = place.run_with(&DRILL, Some(&format!("kill-at:{at}")));
        assert_eq!(killed.code, None, "not killed at {step}: {}", killed.said());
        let operation = place.open_operation().unwrap();
        let resumed = place.run(&["operation", "resume", &operation, "--lock-wait", "30s"]);
        assert_eq!(
            resumed.code,
            Some(0),
            "killed at {step}: {}",
            resumed.said()
        );
        let copies = place.run(&["restore", "list"]).expect(0);
        assert!(
            !copies.stdout.contains("drill-"),
            "killed at {step}: {}",
            copies.stdout
        );
        let evidence = place.run(&["evidence", "list"]).expect(0).document();
        let count = evidence["evidence"].as_array().unwrap().len();
        // The undisturbed one came first.
        assert_eq!(count, done + 2, "killed at {step}");
        place.run(&["evidence", "verify"]).expect(0);
    }
}

#[test]
fn a_journal_whose_last_record_is_cut_in_half_is_resumed_too() {
    let place = seeded();
    let at = place.boundaries(&DRILL).len() / 2;
    assert_eq!(
        place.run_with(&DRILL, Some(&format!("kill-at:{at}"))).code,
        None
    );
    let operation = place.open_operation().unwrap();
    let folder = place
        .file("state/operations")
        .join(&operation)
        .join("journal");
    let mut records: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    records.sort();
    let last = records.last().unwrap();
    let length = std::fs::metadata(last).unwrap().len();
    testkit::files::truncate(last, length / 2).unwrap();
    let shown = place.run(&["operation", "show", &operation]).expect(0);
    assert!(shown.stdout.contains("open"), "{}", shown.stdout);
    place
        .run(&["operation", "resume", &operation, "--lock-wait", "30s"])
        .expect(0);
    place.run(&["evidence", "verify"]).expect(0);
}
