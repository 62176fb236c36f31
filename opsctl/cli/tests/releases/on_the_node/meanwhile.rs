//! Somebody else at work: a second deploy, and people who edit what is being released.

use serde_json::json;

use crate::place::Place;
use crate::running::Gate;

/// The boundary at which the configuration is applied and the workload is not yet.
const BEFORE_THE_WORKLOAD: usize = 12;

#[test]
fn the_second_of_two_deploys_is_told_who_is_at_work_and_the_first_ends_well() {
    let place = Place::new("two-at-once");
    place.well("deploy v1.0.0 --yes");
    place.level("debug");
    let (gate, fault) = Gate::new(place.path("gate"), BEFORE_THE_WORKLOAD);
    let first = place.begin("deploy --yes", &fault);
    gate.reached();
    let id = place.open_operation().unwrap();
    let second = place.run("deploy --yes --lock-wait 1s").expect(5);
    second.says(&id);
    drop(gate);
    first.end().expect(0);
    assert_eq!(place.ends(), ["succeeded"; 2]);
}

#[test]
fn a_plan_is_refused_when_a_field_of_it_drifted_and_not_for_any_other() {
    let place = Place::new("plan-drifts");
    place.well("deploy v1.0.0 --yes");
    place.level("debug");
    place.well("deploy --plan-out plan.json");
    place.patch("configmap/settings", &json!({"data": {"level": "by hand"}}));
    let refused = place.run("deploy --plan plan.json --yes").expect(4);
    refused
        .says("ConfigMap plan-drifts/settings")
        .says("data.level: by hand → debug");
    assert_eq!(place.live_level(), "by hand");
    assert_eq!(place.ends(), ["succeeded"]);

    let others = json!({"data": {"level": "info", "other": "of somebody"}});
    place.patch("configmap/settings", &others);
    place.patch(
        "deployment/web",
        &json!({"metadata": {"labels": {"note": "mine"}}}),
    );
    place.well("deploy --plan plan.json --yes");
    assert_eq!(place.live_level(), "debug");
    let kept = place.kubectl("get configmap/settings --output jsonpath={.data.other}");
    assert_eq!(kept, "of somebody");
}

#[test]
fn a_planned_field_that_somebody_edits_under_the_deploy_is_not_overwritten_by_it() {
    let place = Place::new("edited");
    place.well("deploy v1.0.0 --yes");
    place.level("debug");
    let (gate, fault) = Gate::new(place.path("gate"), BEFORE_THE_WORKLOAD);
    let deploy = place.begin("deploy --yes", &fault);
    gate.reached();
    let edit = json!({"spec": {"template": {"metadata": {"annotations": {"level": "by hand"}}}}});
    place.patch("deployment/web", &edit);
    drop(gate);
    let ended = deploy.end().expect(4);
    ended
        .says("Deployment edited/web changed since the plan was made")
        .says("level: by hand → debug");
    // The way back takes back what this release wrote, and nothing else.
    assert_eq!(place.ends(), ["succeeded", "rolled_back"]);
    assert_eq!(place.live_level(), "info");
    let level = "jsonpath={.spec.template.metadata.annotations.level}";
    let kept = place.kubectl(&format!("get deployment/web --output {level}"));
    assert_eq!(kept, "by hand");
    place
        .run("status --exit-code")
        .expect(3)
        .says("kubectl-patch");
}

#[test]
fn whatever_else_somebody_edits_during_the_roll_out_does_not_stop_it_and_is_told() {
    let place = Place::new("edited-late");
    place.release(&place.two_pods("info"));
    place.well("deploy v1.0.0 --yes");
    let mut slow = place.two_pods("debug");
    slow.web["spec"]["minReadySeconds"] = json!(3);
    place.release(&slow);
    let mut deploy = place.begin("deploy --yes", "");
    deploy.tells("of 2 pods are new");
    place.patch(
        "deployment/web",
        &json!({"metadata": {"labels": {"note": "mine"}}}),
    );
    place.patch("deployment/web", &json!({"spec": {"replicas": 3}}));
    deploy.end().expect(0);
    assert_eq!(place.ends(), ["succeeded"; 2]);
    let status = place.run("status --exit-code").expect(3);
    status.says("spec.replicas: 2 → 3").says("kubectl-patch");
}
