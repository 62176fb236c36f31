//! A point in time between two writes, in place of the live PostgreSQL, under a running application.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::place::Place;
use crate::service::Service;

/// Waits until the restore window reaches past this moment.
fn archived_past(place: &Place, moment: &str) {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let listed = place.run(&["backup", "list"]).expect(0).document();
        let until = listed["window"]["to"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        // RFC 3339 in UTC sorts as text.
        if until.as_str() > moment {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "the window ends at {until}, not past {moment}: {listed}"
        );
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    now.format(&time::format_description::well_known::Rfc3339)
        .unwrap()
}

#[test]
fn the_first_of_two_writes_is_there_the_second_is_not_and_undo_brings_both_back() {
    let place = Place::postgres();
    let service = Service::start(&place.file("database.json"));
    place.back_up();
    assert_eq!(service.sign_up("first"), 201);
    let between = now();
    assert_eq!(service.sign_up("second"), 201);
    archived_past(&place, &between);
    let old = place.descriptor();

    let words = [
        "restore",
        "--to",
        &between,
        "--cut-over",
        "--confirm",
        "local-postgres",
    ];
    let result = place.run(&words).expect(0).result();
    let new = place.descriptor();
    assert_ne!(new["lineage_id"], old["lineage_id"]);
    assert_eq!(service.ready()["lineage_id"], new["lineage_id"]);
    let only = &result["beyond_recovery_point"]["tables"];
    let users = only
        .as_array()
        .unwrap()
        .iter()
        .find(|table| names(table, "users"));
    assert!(
        users.is_some_and(|users| users["only_first"] == 1),
        "{result}"
    );
    assert_eq!(
        service.sign_up("first"),
        409,
        "it was written before the moment"
    );
    assert_eq!(service.sign_up("second"), 201, "it was written after it");
    let refusal = Service::start_on(old["url"].as_str().unwrap())
        .err()
        .unwrap();
    assert!(
        refusal.contains("error") || refusal.contains("ERROR"),
        "{refusal}"
    );

    place.undo().expect(0);
    assert_eq!(service.ready()["lineage_id"], old["lineage_id"]);
    assert_eq!(service.sign_up("second"), 409, "the first one is back");
    assert_eq!(service.sign_up("third"), 201);
}

fn names(table: &Value, name: &str) -> bool {
    table["table"]
        .as_str()
        .is_some_and(|full| full.ends_with(name))
}

#[test]
fn a_moment_outside_the_window_is_refused_before_anything_is_restored() {
    let place = Place::postgres();
    place.back_up();
    for moment in ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"] {
        let refused = place.run(&["restore", "--to", moment]);
        assert_eq!(refused.code, Some(4), "{}", refused.said());
        assert!(
            refused.said().contains("window") || refused.said().contains("available"),
            "{}",
            refused.said()
        );
    }
    let copies = place.run(&["restore", "list"]).expect(0).document();
    assert_eq!(copies["copies"].as_array().unwrap().len(), 0);
}

#[test]
fn a_server_that_was_killed_is_found_and_the_way_to_start_it_told() {
    let place = Place::postgres();
    place.back_up();
    place.run(&["local-postgres", "stop"]).expect(0);
    let start = "opsctl --env local-postgres local-postgres start";
    let examined = place.run(&["doctor"]);
    assert!(examined.stdout.contains(start), "{}", examined.said());
    let refused = place.cut_over().expect(4);
    assert!(refused.said().contains(start), "{}", refused.said());
    assert!(
        refused.said().contains("--source-unreachable"),
        "{}",
        refused.said()
    );
    place.run(&["local-postgres", "start"]).expect(0);
    assert!(!place.run(&["doctor"]).stdout.contains(start));
}
