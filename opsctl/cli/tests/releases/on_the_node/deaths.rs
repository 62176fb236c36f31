//! opsctl is killed at boundaries of its steps, and another run of it finishes what was begun. All of them: `endurance.rs`.

use serde_json::json;

use crate::manifests::Manifests;
use crate::place::Place;

/// What the boundaries of a release are, found by releasing.
fn boundaries(place: &Place, manifests: &Manifests, code: i32) -> Vec<String> {
    let file = place.path("boundaries");
    place.release(manifests);
    let fault = format!("count-into:{}", file.display());
    place.run_with("deploy --yes", &fault).expect(code);
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_good_release_that_is_killed_is_finished_by_a_resume() {
    good("deaths", |boundary| {
        [
            "apply-surroundings:applied",
            "roll-out-0:started",
            "close-release:applied",
        ]
        .contains(&boundary)
    });
}

#[test]
fn a_failing_release_that_is_killed_on_its_way_back_is_taken_back_by_a_resume() {
    failing("deaths-back", |boundary| {
        [
            "roll-out-0:started",
            "keep-evidence:finished",
            "roll-back:applied",
        ]
        .contains(&boundary)
    });
}

/// Kills a release that serves at those of its boundaries.
pub fn good(namespace: &'static str, chosen: fn(&str) -> bool) {
    let place = Place::new(namespace);
    place.well("deploy v1.0.0 --yes");
    let all = boundaries(&place, &place.manifests("counted"), 0);
    let mut serves = 2;
    for (number, boundary) in all.iter().enumerate().filter(|(_, it)| chosen(it)) {
        let level = format!("level-{number}");
        place.level(&level);
        let killed = place.run_with("deploy --yes", &format!("kill-at:{number}"));
        assert_eq!(killed.code, None, "{boundary}: {}", killed.stderr);
        if let Some(id) = place.open_operation() {
            let other = place.run("deploy --yes --lock-wait 1s");
            // Whoever would change nothing needs no lock.
            if other.code != Some(0) {
                other.expect(5).says(&id);
            }
            place.well(&format!("operation resume {id}"));
        }
        assert_eq!(place.live_level(), level, "{boundary}");
        serves += 1;
        assert_eq!(place.ends(), vec!["succeeded"; serves], "{boundary}");
    }
    assert!(serves > 4, "{all:?}");
    assert_eq!(place.json("status")["drift"], json!([]));
}

/// Kills one that can't serve at those of its boundaries, from its roll-out on.
pub fn failing(namespace: &'static str, chosen: fn(&str) -> bool) {
    let place = Place::new(namespace);
    place.well("deploy v1.0.0 --yes");
    let mut broken = place.manifests("debug");
    broken.container()["command"] = json!(["/nowhere"]);
    let all = boundaries(&place, &broken, 6);
    let mut ends = vec!["succeeded", "rolled_back"];
    let from = all.iter().position(|it| it == "roll-out-0:started");
    let back = all.iter().enumerate().skip(from.unwrap());
    for (number, boundary) in back.filter(|(_, it)| chosen(it)) {
        let killed = place.run_with("deploy --yes", &format!("kill-at:{number}"));
        assert_eq!(killed.code, None, "{boundary}: {}", killed.stderr);
        if let Some(id) = place.open_operation() {
            place.run(&format!("operation resume {id}")).expect(6);
        }
        ends.push("rolled_back");
        assert_eq!(place.ends(), ends, "{boundary}");
        assert_eq!(place.live_level(), "info", "{boundary}");
        let shown = place.json(&format!("history show {}", ends.len()));
        let finding = &shown["evidence"]["findings"][0];
        assert_eq!(
            finding["code"], "command-not-found",
            "{boundary}: {shown:#}"
        );
    }
    assert!(ends.len() > 4, "{all:?}");
    assert_eq!(place.json("status")["healthy"], true);
}
