//! `opsctl drill failover` on a real PostgreSQL under the running application.

use serde_json::Value;

use crate::place::{Ended, Place};
use crate::service::Service;

const DRILL: [&str; 5] = ["drill", "failover", "--kind", "replica", "--yes"];

/// A place whose application runs, and somebody who signed up.
fn serving() -> (Place, Service) {
    let place = Place::postgres();
    let service = Service::start(&place.file("database.json"));
    assert_eq!(service.sign_up("ada"), 201);
    (place, service)
}

fn over(ended: &Ended) -> Value {
    ended.result()["document"]["failover"].clone()
}

/// The application follows, everybody is still there, and the prober left nothing.
fn moved(place: &Place, service: &Service, what: &str) {
    let lineage = place.descriptor()["lineage_id"].clone();
    let ready = service.ready();
    assert_eq!(ready["lineage_id"], lineage, "{what}");
    assert_eq!(ready["mode"], "normal", "{what}");
    assert_eq!(service.sign_up("ada"), 409, "she is there, {what}");
    assert_eq!(place.open_operation(), None, "{what}");
}

#[test]
fn a_replica_takes_over_a_running_application_and_no_write_and_no_session_is_lost() {
    let (place, service) = serving();
    let token = service.sign_in("ada");
    let old = place.descriptor();
    let ended = place.run(&DRILL).expect(0);
    let over = over(&ended);
    assert_eq!(over["lost_writes"], 0, "{over}");
    assert_eq!(over["behind_bytes"], 0, "{over}");
    assert!(over["writes"]["answered"].as_u64().unwrap() >= 10, "{over}");
    let gap = over["writes"]["longest_gap_seconds"].as_f64().unwrap();
    assert!(gap > 0.05 && gap < 60.0, "{over}");
    let words = over["writes"]["words"].to_string();
    assert!(words.contains("read_only"), "the freeze was felt: {over}");
    moved(&place, &service, "undisturbed");
    assert_ne!(place.descriptor()["lineage_id"], old["lineage_id"]);
    assert_eq!(service.post_as(&token, "her session goes on"), 201);
    let refusal = Service::start_on(old["url"].as_str().unwrap())
        .err()
        .unwrap();
    assert!(
        refusal.contains("superseded") || refusal.contains("password"),
        "{refusal}"
    );
    place.back_up();
    // And back, by the same drill.
    let ended = place.run(&DRILL).expect(0);
    assert_eq!(ended.result()["document"]["failover"]["lost_writes"], 0);
    moved(&place, &service, "a second time");
}

#[test]
fn a_failover_killed_in_any_step_is_resumed_and_moves_once() {
    let (place, service) = serving();
    let boundaries = place.boundaries(&DRILL);
    let mut aside = 1;
    for step in [
        "follow",
        "probe",
        "fence",
        "open-replica",
        "promote",
        "switch",
        "measure",
    ] {
        let boundary = format!("{step}:applied");
        let at = boundaries.iter().position(|known| *known == boundary);
        let killed = place.run_with(&DRILL, Some(&format!("kill-at:{}", at.unwrap())));
        assert_eq!(
            killed.code,
            None,
            "not killed after {step}: {}",
            killed.said()
        );
        let operation = place.open_operation().unwrap();
        let words = ["operation", "resume", &operation, "--lock-wait", "30s"];
        let resumed = place.run(&words);
        // What nobody measured has not passed.
        let expected = if ["follow", "probe"].contains(&step) {
            0
        } else {
            6
        };
        let resumed = resumed.expect(expected);
        assert_eq!(over(&resumed)["lost_writes"], 0, "killed after {step}");
        moved(&place, &service, step);
        aside += 1;
        let listed = place
            .run(&["restore", "set-aside", "list"])
            .expect(0)
            .document();
        let count = listed["set_aside"].as_array().unwrap().len();
        assert_eq!(count, aside, "killed after {step}");
    }
}

#[test]
fn a_database_of_one_file_has_nothing_to_fail_over_to() {
    let place = Place::new();
    let refused = place.run(&DRILL).expect(4);
    assert!(
        refused.said().contains("nothing to fail over to"),
        "{}",
        refused.said()
    );
    let dry = Place::postgres();
    let before = dry.descriptor();
    dry.run(&["drill", "failover", "--kind", "replica", "--dry-run"])
        .expect(0);
    assert_eq!(dry.descriptor(), before);
}
