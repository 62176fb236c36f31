//! `opsctl env adopt`: database, descriptor and record agree again.

use serde_json::Value;

use crate::place::Place;

const STRANGER: &str = "00000000-0000-4000-8000-000000000000";

#[test]
fn a_descriptor_that_names_another_lineage_is_brought_back_to_the_database() {
    let place = Place::new();
    let before = place.descriptor();
    let mut wrong = before.clone();
    wrong["lineage_id"] = STRANGER.into();
    std::fs::write(place.file("database.json"), wrong.to_string()).unwrap();
    assert_eq!(place.run("backup create").code, Some(4));
    let adopted = place.run("env adopt --reason by-hand --confirm local --output json");
    assert_eq!(adopted.code, Some(0), "{}", adopted.stderr);
    let last: Value = serde_json::from_str(adopted.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["result"]["reason"], "by-hand");
    let after = place.descriptor();
    assert_eq!(after["lineage_id"], before["lineage_id"]);
    assert_eq!(after["url"], before["url"]);
    assert_eq!(place.run("backup create").code, Some(0));
}

#[test]
fn an_environment_without_a_database_has_nothing_to_adopt() {
    let place =
        Place::with("version: 1\nenvironments:\n  local:\n    database:\n      engine: sqlite\n");
    let refused = place.run("env adopt --reason none --confirm local");
    assert_eq!(refused.code, Some(4));
    assert!(refused.stderr.contains("migrate up"), "{}", refused.stderr);
}
