//! To scratch.

use crate::place::Place;

#[test]
fn a_copy_is_made_listed_and_discarded() {
    let place = Place::new();
    place.back_up();
    let before = place.descriptor();
    let result = place.run(&["restore"]).expect(0).result();
    assert_eq!(place.descriptor(), before, "the live database is untouched");
    let copy = result["copy"].as_str().unwrap();
    let listed = place.run(&["restore", "list"]).expect(0);
    assert!(listed.stdout.contains(copy), "{}", listed.stdout);
    place.run(&["restore", "discard", copy]).expect(0);
    let listed = place.run(&["restore", "list"]).expect(0);
    assert!(!listed.stdout.contains(copy), "{}", listed.stdout);
    place.run(&["restore", "discard", copy]).expect(4);
}

#[test]
fn a_time_is_refused_on_sqlite_and_what_there_is_instead_is_shown() {
    let place = Place::new();
    let backup = place.back_up();
    let refused = place
        .run(&["restore", "--to", "2026-11-23T06:15:00Z"])
        .expect(4);
    assert!(
        refused.said().contains("no restore window"),
        "{}",
        refused.said()
    );
    assert!(refused.said().contains(&backup), "{}", refused.said());
    place
        .run(&["restore", "--to", "2026-11-23T06:15:00"])
        .expect(2);
}

#[test]
fn a_damaged_backup_ends_with_an_error_that_names_the_file_and_leaves_no_copy() {
    let place = Place::new();
    let backup = place.back_up();
    let file = place.file(&format!("backups/{backup}/app.sqlite3"));
    testkit::files::flip_bit(&file, 9000).unwrap();
    let failed = place.run(&["restore"]);
    assert_ne!(failed.code, Some(0));
    assert!(failed.said().contains("app.sqlite3"), "{}", failed.said());
    assert_eq!(place.open_operation(), None);
    let listed = place.run(&["restore", "list"]).expect(0);
    assert!(listed.stdout.contains("\"copies\":[]") || listed.stdout.contains("\"copies\": []"));
}
