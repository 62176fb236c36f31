//! In place of the live database, under a running application.

use serde_json::Value;

use crate::place::Place;
use crate::service::Service;

/// The users that only the first of two databases has.
fn users_only_there(beyond: &Value) -> &Value {
    let tables = beyond["tables"].as_array().unwrap();
    let users = tables.iter().find(|table| table["table"] == "users");
    &users.unwrap()["only_first"]
}

#[test]
fn a_cut_over_and_its_undo_move_a_running_application_and_keep_everything() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    assert_eq!(service.sign_up("bob"), 201);
    let old = place.descriptor();

    let result = place.cut_over().expect(0).result();
    let new = place.descriptor();
    assert_ne!(new["lineage_id"], old["lineage_id"]);
    assert_eq!(new["mode"], "normal");
    assert_eq!(service.ready()["lineage_id"], new["lineage_id"]);
    assert_eq!(users_only_there(&result["beyond_recovery_point"]), 1);
    assert_eq!(service.sign_up("ada"), 409, "she is in the backup");
    assert_eq!(service.sign_up("bob"), 201, "he came after it");
    let refusal = Service::start_on(old["url"].as_str().unwrap())
        .err()
        .unwrap();
    assert!(refusal.contains("superseded"), "{refusal}");

    let refused = place.run(&["restore", "undo"]).expect(4);
    assert!(
        refused.said().contains("--confirm local"),
        "{}",
        refused.said()
    );
    let result = place.undo().expect(0).result();
    assert_eq!(place.descriptor()["lineage_id"], old["lineage_id"]);
    assert_eq!(service.ready()["lineage_id"], old["lineage_id"]);
    assert_eq!(users_only_there(&result["discarded"]), 1);
    assert_eq!(service.sign_up("bob"), 409, "the first one is back");
    assert_eq!(service.sign_up("eve"), 201);
    let refusal = Service::start_on(new["url"].as_str().unwrap())
        .err()
        .unwrap();
    assert!(refusal.contains("superseded"), "{refusal}");
}

#[test]
fn without_the_word_of_a_human_nothing_is_cut_over() {
    let place = Place::new();
    place.back_up();
    let before = place.descriptor();
    for words in [
        vec!["restore", "--cut-over"],
        vec!["restore", "--cut-over", "--yes"],
        vec!["restore", "--cut-over", "--confirm", "production"],
    ] {
        place.run(&words).expect(4);
    }
    assert_eq!(place.descriptor(), before);
}

#[test]
fn a_database_that_is_gone_is_replaced_once_its_loss_is_accepted() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    drop(service);
    let old = place.descriptor();
    let lost = old["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("sqlite:")
        .to_owned();
    let lost = std::path::Path::new(&lost).parent().unwrap();
    std::fs::rename(lost, lost.with_file_name("lost")).unwrap();
    let refused = place.cut_over().expect(4);
    assert!(
        refused.said().contains("--source-unreachable"),
        "{}",
        refused.said()
    );
    let words = [
        "restore",
        "--cut-over",
        "--source-unreachable",
        "--confirm",
        "local",
    ];
    place.run(&words).expect(2);
    let accepted = [&words[..], &["--accept-data-loss", "elsewhere"]].concat();
    place.run(&accepted).expect(4);
    let accepted = [&words[..], &["--accept-data-loss", "local"]].concat();
    let result = place.run(&accepted).expect(0).result();
    assert_eq!(result["set_aside"]["fence"], "owed");
    let service = Service::start(&place.file("database.json"));
    assert_eq!(service.sign_up("ada"), 409);

    // It comes back: the next restore fences it.
    std::fs::rename(lost.with_file_name("lost"), lost).unwrap();
    place.run(&["restore"]).expect(0);
    let refusal = Service::start_on(old["url"].as_str().unwrap())
        .err()
        .unwrap();
    assert!(refusal.contains("superseded"), "{refusal}");
}
