//! Pods that the controller could not make.

use serde_json::json;

use super::world::{World, expect, pod, set, world};
use crate::deploy::verdict::CauseClass::{Fatal, Transient};
use crate::deploy::verdict::{Baseline, Budgets, CauseCode, Judge};

const QUOTA: &str = "pods \"api-new-xk2p4\" is forbidden: exceeded quota: team, requested: requests.memory=512Mi, used: requests.memory=1536Mi, limited: requests.memory=1536Mi";

fn refused(world: &mut World, message: &str) {
    let mut set = set("api-new", "v2", 1);
    set.0["status"] = json!({
        "observedGeneration": 1, "replicas": 0,
        "conditions": [{
            "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message,
            "lastTransitionTime": "2026-11-27T09:00:01Z",
        }],
    });
    world.board.put(set);
}

#[test]
fn who_did_not_let_the_pods_in_is_named_with_his_words() {
    for (message, code) in [
        (QUOTA, CauseCode::QuotaExceeded),
        (
            "pods \"api-new-x\" is forbidden: violates PodSecurity \"restricted:latest\": privileged (container \"api\" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container \"api\" must set securityContext.allowPrivilegeEscalation=false)",
            CauseCode::PodSecurityRefused,
        ),
        (
            "admission webhook \"images.shop.example\" denied the request: only signed images",
            CauseCode::AdmissionRefused,
        ),
        (
            "pods \"api-new-x\" is forbidden: error looking up service account shop/api: serviceaccount \"api\" not found",
            CauseCode::ConfigReferenceMissing,
        ),
    ] {
        let mut world = world();
        refused(&mut world, message);
        let finding = world.failed(1);
        assert_eq!((finding.code, finding.class), (code, Fatal));
        assert_eq!(finding.object.name, "api-new");
        assert_eq!(finding.message, message);
    }
}

#[test]
fn the_event_alone_is_enough_while_pods_are_missing() {
    let mut world = world();
    let mut set = set("api-new", "v2", 1);
    set.0["status"]["replicas"] = json!(0);
    world.board.put(set);
    world.event(
        "api-new",
        "FailedCreate",
        &format!("Error creating: {QUOTA}"),
    );
    let finding = world.failed(1);
    assert_eq!(
        (finding.code, finding.message.as_str()),
        (CauseCode::QuotaExceeded, QUOTA)
    );
}

#[test]
fn an_event_of_a_pod_that_could_be_made_later_proves_nothing() {
    let mut world = world();
    world.event(
        "api-new",
        "FailedCreate",
        &format!("Error creating: {QUOTA}"),
    );
    assert!(world.waits(1).findings.is_empty());
}

#[test]
fn a_quota_that_a_pod_on_its_way_out_still_fills_has_a_grace() {
    let mut world = world();
    let mut ending = pod("api-old-1", "api-old", json!({"phase": "Running"}));
    ending.0["metadata"]["deletionTimestamp"] = json!("2026-11-27T09:00:00Z");
    let name = ending.reference();
    world.board.put(ending);
    refused(&mut world, QUOTA);
    assert_eq!(world.waits(1).findings[0].class, Transient);
    world.board.remove(&name);
    assert_eq!(world.failed(5).class, Fatal);
}

#[test]
fn a_webhook_that_does_not_answer_has_a_grace() {
    let mut world = world();
    refused(
        &mut world,
        "Internal error occurred: failed calling webhook \"images.shop.example\": failed to call webhook: Post \"https://images.shop.svc:443/check?timeout=10s\": dial tcp 10.96.7.1:443: connect: connection refused",
    );
    assert_eq!(
        world.waits(1).findings[0].code,
        CauseCode::AdmissionUnreachable
    );
    assert_eq!(world.failed(61).code, CauseCode::AdmissionUnreachable);
}

#[test]
fn a_replica_set_that_itself_is_refused_is_told_by_its_deployment() {
    let mut world = world();
    let mut deployment = super::world::deployment(json!({"observedGeneration": 2, "replicas": 3}));
    deployment.0["status"]["conditions"] = json!([{
        "type": "Progressing", "status": "False", "reason": "ReplicaSetCreateError",
        "message": "Failed to create new replica set \"api-new\": replicasets.apps \"api-new\" is forbidden: exceeded quota: team, requested: count/replicasets.apps=1, used: count/replicasets.apps=10, limited: count/replicasets.apps=10",
    }]);
    world.board.put(deployment);
    let finding = world.failed(1);
    assert_eq!(
        (finding.code, finding.object.name.as_str()),
        (CauseCode::QuotaExceeded, "api")
    );
}

#[test]
fn a_refusal_of_before_the_release_does_not_count() {
    let mut world = world();
    refused(&mut world, QUOTA);
    let baseline = Baseline::of(&world.board);
    let expected = vec![expect("apps/v1", "Deployment", "api", 2)];
    world.judge = Judge::new(expected, baseline, Budgets::default());
    assert!(world.waits(1).findings.is_empty());
}
