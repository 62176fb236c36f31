//! A plan that somebody else has to say yes to before it runs.

use serde_json::json;

use crate::place::{Ended, Place};

fn by(place: &Place, who: &str, words: &str) -> Ended {
    place.run_as(who, words)
}

#[test]
fn a_deploy_runs_from_its_approved_plan_and_only_if_somebody_else_approved_exactly_that() {
    let place = Place::with_postgres("approved");
    place.well("deploy v1.0.0 --yes");
    place.guarded(&json!({"approvers": 1}));
    place.level("debug");
    let planned = by(&place, "ada", "deploy --plan-out plan.json");
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);

    let run = "deploy --plan plan.json --yes";
    let early = by(&place, "ada", run);
    assert_eq!(early.code, Some(4), "{}", early.stderr);
    assert!(
        early.stderr.contains("needs 1 approver(s) beside"),
        "{}",
        early.stderr
    );
    // Whoever runs it is nobody else.
    assert_eq!(by(&place, "ada", "approve plan.json").code, Some(0));
    assert_eq!(by(&place, "ada", run).code, Some(4));

    let other = by(&place, "grace", "approve plan.json");
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    assert!(
        other.stderr.contains("data.level: info → debug"),
        "{}",
        other.stderr
    );
    // The yes is to that plan, and to no other.
    assert_eq!(by(&place, "ada", "deploy --yes").code, Some(4));
    assert_eq!(place.live_level(), "info");
    let ran = by(&place, "ada", run);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(place.live_level(), "debug");
    assert_eq!(place.ends(), ["succeeded"; 2]);

    // What has run runs no second time.
    assert_eq!(by(&place, "ada", run).code, Some(4));
}
