//! The API server hangs, is away or starts again in the middle of a roll-out. These tests have a cluster of their own.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::lab::Part;
use testkit::leash::Ending;

use crate::ground::Ground;
use crate::place::Place;

/// How long it is away.
const AWAY: Duration = Duration::from_secs(20);
/// The cluster's own controllers watch again after waits that double up to half a minute, and as much again by chance; an outage
/// that follows another one begins where the last one's waits ended (client-go, `reflector.go`).
const PATIENCE: &str = "5m";

#[test]
fn an_api_server_that_hangs_is_away_or_starts_again_does_not_stop_a_roll_out() {
    let place = Place::on(Ground::alone(), "outages", "sqlite");
    place.configured(&json!({"patience": {"deadline": PATIENCE, "grace": "10s"}}));
    place.release(&place.two_pods("info"));
    place.well("deploy v1.0.0 --yes");
    let lab = &place.ground.lab;
    in_the_middle(&place, "hangs", || {
        lab.pause(Part::ApiServer).unwrap();
        passes(AWAY);
        lab.resume(Part::ApiServer).unwrap();
    });
    let said = in_the_middle(&place, "away", || {
        lab.stop(Part::ApiServer, Ending::Crash).unwrap();
        passes(AWAY);
        lab.start_again(Part::ApiServer).unwrap();
    });
    assert!(said.contains("api-unreachable"), "{said}");
    in_the_middle(&place, "again", || {
        lab.stop(Part::ApiServer, Ending::Crash).unwrap();
        lab.start_again(Part::ApiServer).unwrap();
    });
    assert_eq!(place.ends(), ["succeeded"; 4]);
    assert_eq!(place.json("status")["drift"], json!([]));
}

/// Releases; once the first of two new pods is made, this happens.
fn in_the_middle(place: &Place, level: &str, happens: impl FnOnce()) -> String {
    let mut manifests = place.two_pods(level);
    manifests.container()["readinessProbe"]["initialDelaySeconds"] = json!(4);
    place.release(&manifests);
    let mut deploy = place.begin("deploy --yes", "");
    deploy.tells("1 of 2 pods are new");
    happens();
    let ended = deploy.end();
    let stands = place.kubectl("get deployments,replicasets,pods,events --output wide");
    assert_eq!(ended.code, Some(0), "{}\n{stands}", ended.stderr);
    assert_eq!(place.live_level(), level);
    ended.stderr
}

/// The time itself is the fault.
fn passes(span: Duration) {
    let begun = Instant::now();
    while let Some(left) = span.checked_sub(begun.elapsed()) {
        std::thread::park_timeout(left);
    }
}
