//! What the commands say, and how they end.

use crate::place::Place;

#[test]
fn a_backup_is_taken_listed_shown_and_found_good() {
    let place = Place::new("30d");
    let warned = place.run("backup list");
    assert!(warned.stderr.contains("warning: there is no backup"));
    let id = place.backup();
    let listed = place.run("backup list");
    assert!(listed.stdout.contains(&id) && listed.stderr.is_empty());
    let shown = place.run(&format!("backup show {id}"));
    assert!(
        shown.stdout.contains("manifest SHA-256"),
        "{}",
        shown.stdout
    );
    let verified = place.run("backup verify");
    assert_eq!(verified.code, Some(0));
    assert!(verified.stdout.contains("is good"));
}

#[test]
fn damage_ends_with_6_and_names_the_file_and_what_to_do() {
    let place = Place::new("30d");
    let (good, bad) = (place.backup(), place.backup());
    let file = place.file(format!("backups/{bad}/app.sqlite3"));
    testkit::files::flip_bit(&file, 9000).unwrap();
    let verified = place.run("backup verify --all");
    assert_eq!(verified.code, Some(6));
    let told = verified.stderr;
    assert!(
        told.contains(&format!("backup '{bad}' is damaged")),
        "{told}"
    );
    assert!(told.contains("app.sqlite3: SHA-256"), "{told}");
    assert!(told.contains("opsctl backup create"), "{told}");
    assert_eq!(place.run(&format!("backup verify {good}")).code, Some(0));
}

#[test]
fn a_pinned_backup_outlives_its_retention_and_the_floor_does_too() {
    let place = Place::new("0s");
    let ids: Vec<String> = (0..5).map(|_| place.backup()).collect();
    assert_eq!(place.run(&format!("backup pin {}", ids[1])).code, Some(0));
    let planned = place.run("backup prune --dry-run");
    assert_eq!(planned.code, Some(0));
    assert!(
        planned
            .stdout
            .contains(&format!("delete backup {}", ids[0]))
    );
    assert!(planned.stdout.contains(&format!("keep {}: pinned", ids[1])));
    assert_eq!(place.backups().len(), 5);
    let refused = place.run("backup prune");
    assert_eq!(refused.code, Some(4), "nobody is there to say yes");
    let pruned = place.run("backup prune --yes");
    assert_eq!(pruned.code, Some(0), "{}", pruned.stderr);
    assert_eq!(place.backups(), [&*ids[1], &*ids[3], &*ids[4]]);
    assert_eq!(place.run(&format!("backup unpin {}", ids[1])).code, Some(0));
    place.run("backup prune --yes");
    assert_eq!(place.backups(), [&*ids[3], &*ids[4]]);
}

#[test]
fn a_backup_that_does_not_exist_is_a_wrong_usage() {
    let place = Place::new("30d");
    for words in [
        "backup show no-such",
        "backup verify no-such",
        "backup pin no-such",
    ] {
        let ended = place.run(words);
        assert_eq!(ended.code, Some(2), "{words}");
        assert!(ended.stderr.contains("backup list"), "{}", ended.stderr);
    }
}

#[test]
fn a_plan_made_for_one_database_is_not_run_on_another() {
    let place = Place::new("30d");
    assert_eq!(
        place.run("backup create --plan-out plan.json").code,
        Some(0)
    );
    let descriptor = place.file("database.json");
    let text = std::fs::read_to_string(&descriptor).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["lineage_id"] = "00000000-0000-4000-8000-000000000000".into();
    std::fs::write(&descriptor, document.to_string()).unwrap();
    let refused = place.run("backup create --plan plan.json");
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    let refused = place.run("backup create");
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("is another database"));
}
