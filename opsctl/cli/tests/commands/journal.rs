//! A journal whose newest record is empty or half there, as a machine that lost its power leaves it.

use crate::place::Place;

#[test]
fn a_newest_record_that_is_empty_or_cut_counts_as_never_written_and_the_run_goes_on() {
    for length in [0, 20] {
        let place = Place::new();
        let fault = [("OPSCTL_FAULT", "kill-at:3")];
        assert_eq!(place.run_with("maintenance on --yes", &fault).code, None);
        let operation = place.open_operation().unwrap();
        let folder = place.file(&format!("state/operations/{operation}/journal"));
        let records = std::fs::read_dir(&folder).unwrap();
        let newest = records.map(|record| record.unwrap().path()).max().unwrap();
        testkit::files::truncate(&newest, length).unwrap();
        for words in [
            "operation list".to_owned(),
            format!("operation show {operation}"),
        ] {
            let looked = place.run(&words);
            assert_eq!(looked.code, Some(0), "{words}: {}", looked.stderr);
            assert!(looked.stdout.contains("open"), "{words}: {}", looked.stdout);
        }
        let resumed = place.run(&format!("operation resume {operation} --lock-wait 30s"));
        assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
        assert_eq!(place.descriptor()["mode"], "read_only");
        assert_eq!(place.open_operation(), None);
    }
}

#[test]
fn a_first_record_that_is_lost_is_told_with_its_place_and_nothing_is_touched() {
    let place = Place::new();
    let fault = [("OPSCTL_FAULT", "kill-at:3")];
    assert_eq!(place.run_with("maintenance on --yes", &fault).code, None);
    let operation = place.open_operation().unwrap();
    let name = format!("operations/{operation}/journal/000001.json");
    testkit::files::truncate(&place.file(&format!("state/{name}")), 0).unwrap();
    let resumed = place.run(&format!("operation resume {operation}"));
    assert_ne!(resumed.code, Some(0));
    assert!(resumed.stderr.contains(&name), "{}", resumed.stderr);
    assert!(
        resumed.stderr.contains("left behind: nothing was changed"),
        "{}",
        resumed.stderr
    );
    assert!(!resumed.stderr.contains("panicked"), "{}", resumed.stderr);
}
