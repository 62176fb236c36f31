//! Databases that cut-overs set aside: listed, named by doctor, removed on somebody's word, stopped with the rest.

use crate::place::Place;

#[test]
fn a_database_that_was_set_aside_is_listed_and_goes_when_somebody_says_its_environment() {
    let (place, service) = Place::serving();
    assert_eq!(service.sign_up("ada"), 201);
    place.back_up();
    let old = place.descriptor();
    place.cut_over().expect(0);
    let lineage = old["lineage_id"].as_str().unwrap();
    let listed = place
        .run(&["restore", "set-aside", "list"])
        .expect(0)
        .document();
    assert_eq!(listed["set_aside"][0]["lineage_id"], lineage);
    assert_eq!(listed["set_aside"][0]["undo_goes_back_to_it"], true);
    let cure = format!("restore set-aside remove {lineage}");
    let doctor = place.run(&["doctor"]);
    assert!(doctor.said().contains(&cure), "{}", doctor.said());

    let serves = place.descriptor()["lineage_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let words = ["restore", "set-aside", "remove"];
    place
        .run(&[&words[..], &[&serves, "--confirm", "local"]].concat())
        .expect(4);
    place
        .run(&[&words[..], &[lineage, "--yes"]].concat())
        .expect(4);
    let file = place.file(&format!("databases/{lineage}"));
    assert!(file.exists());
    place
        .run(&[&words[..], &[lineage, "--confirm", "local"]].concat())
        .expect(0);
    assert!(!file.exists());
    let listed = place
        .run(&["restore", "set-aside", "list"])
        .expect(0)
        .document();
    assert_eq!(listed["set_aside"].as_array().unwrap().len(), 0);
    place.undo().expect(4);
    assert_eq!(service.sign_up("bob"), 201, "the live one serves on");

    // The second cut-over sets a database aside that was a restored copy: its markers go too.
    place.cut_over().expect(0);
    place
        .run(&[&words[..], &[&serves, "--confirm", "local"]].concat())
        .expect(0);
    assert_eq!(std::fs::read_dir(place.file("scratch")).unwrap().count(), 1);
}

#[test]
fn stopping_the_local_postgres_stops_copies_and_databases_that_were_set_aside() {
    let place = Place::postgres();
    place.back_up();
    place.run(&["restore"]).expect(0);
    let old = place.descriptor();
    place.cut_over().expect(0);
    let pids = || {
        let clusters = std::fs::read_dir(place.file("postgres/clusters")).unwrap();
        let files = clusters.map(|entry| entry.unwrap().path().join("data/postmaster.pid"));
        files.filter(|file| file.exists()).count()
    };
    assert_eq!(pids(), 3, "the database, the old one, a copy");
    place.run(&["local-postgres", "stop"]).expect(0);
    assert_eq!(pids(), 0);
    // What undo goes back to comes up with the database.
    place.run(&["local-postgres", "start"]).expect(0);
    assert_eq!(pids(), 2);
    let new = place.descriptor();
    place.undo().expect(0);
    assert_eq!(place.descriptor()["lineage_id"], old["lineage_id"]);
    let lineage = new["lineage_id"].as_str().unwrap();
    let words = [
        "restore",
        "set-aside",
        "remove",
        lineage,
        "--confirm",
        "local-postgres",
    ];
    place.run(&words).expect(0);
    assert!(!place.file(&format!("postgres/clusters/{lineage}")).exists());
    assert_eq!(pids(), 1);
}
