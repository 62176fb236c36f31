//! Pods without a node: no room, an autoscaler at work, claims without a volume; pods that their node gave up.

use serde_json::{Value, json};

use super::world::{World, pod, world};
use crate::deploy::verdict::CauseClass::{Fatal, Transient, WaitingForCapacity};
use crate::deploy::verdict::CauseCode;
use crate::workloads::Object;

const NO_ROOM: &str = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
const UNBOUND: &str = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

fn unscheduled(message: &str) -> Value {
    json!({
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}],
    })
}

fn with_claim(world: &mut World, message: &str) {
    let mut made = pod("api-new-1", "api-new", unscheduled(message));
    made.0["spec"]["volumes"] =
        json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
    world.board.put(made);
    world.board.put(Object(json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"namespace": "shop", "name": "data", "uid": "uid-data"},
        "status": {"phase": "Pending"},
    })));
}

#[test]
fn a_pod_that_fits_no_node_has_a_grace() {
    let mut world = world();
    world.pod(unscheduled(NO_ROOM));
    let finding = world.waits(1).findings.remove(0);
    assert_eq!(
        (finding.code, finding.class),
        (CauseCode::Unschedulable, Transient)
    );
    let finding = world.failed(61);
    assert_eq!(finding.code, CauseCode::Unschedulable);
    assert!(finding.message.starts_with(NO_ROOM), "{}", finding.message);
}

#[test]
fn a_pod_for_which_a_node_comes_waits_until_the_deadline() {
    for (reason, words) in [
        (
            "TriggeredScaleUp",
            "pod triggered scale-up: [{eks-main 2->3 (max: 6)}]",
        ),
        ("Nominated", "Pod should schedule on: nodeclaim/main-x7k2p"),
    ] {
        let mut world = world();
        world.pod(unscheduled(NO_ROOM));
        world.event("api-new-1", reason, words);
        let finding = world.waits(1).findings.remove(0);
        assert_eq!(
            (finding.code, finding.class),
            (CauseCode::WaitingForCapacity, WaitingForCapacity)
        );
        assert!(finding.message.ends_with(words));
        world.waits(899);
        assert_eq!(world.failed(900).code, CauseCode::WaitingForCapacity);
    }
}

#[test]
fn an_autoscaler_that_declines_is_quoted() {
    let mut world = world();
    world.pod(unscheduled(NO_ROOM));
    world.event(
        "api-new-1",
        "NotTriggerScaleUp",
        "pod didn't trigger scale-up: 1 max node group size reached",
    );
    world.waits(1);
    let finding = world.failed(61);
    assert_eq!(finding.code, CauseCode::Unschedulable);
    assert!(finding.message.contains("max node group size reached"));
}

#[test]
fn a_claim_without_a_volume_is_named_with_what_its_provisioner_says() {
    let mut world = world();
    with_claim(&mut world, UNBOUND);
    world.event("data", "ExternalProvisioning", "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
    let finding = world.waits(1).findings.remove(0);
    assert_eq!(
        (finding.code, finding.class),
        (CauseCode::VolumePending, Transient)
    );
    assert!(
        finding
            .message
            .starts_with("claim data: Waiting for a volume"),
        "{}",
        finding.message
    );
    assert_eq!(world.failed(61).code, CauseCode::VolumePending);
}

#[test]
fn a_claim_of_a_class_that_is_not_there_never_gets_its_volume() {
    let mut world = world();
    with_claim(&mut world, UNBOUND);
    world.event(
        "data",
        "ProvisioningFailed",
        "storageclass.storage.k8s.io \"nope\" not found",
    );
    let finding = world.failed(1);
    assert_eq!(
        (finding.code, finding.class),
        (CauseCode::VolumePending, Fatal)
    );
    assert!(finding.message.contains("nope"));
}

#[test]
fn what_the_scheduler_did_not_find_need_not_be_the_claim() {
    let mut world = world();
    world.pod(unscheduled(
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
    ));
    world.waits(1);
    assert_eq!(world.failed(61).code, CauseCode::VolumePending);
}

#[test]
fn a_claim_that_is_not_there_at_all_is_a_missing_reference() {
    let mut world = world();
    world.pod(unscheduled("0/1 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."));
    assert_eq!(world.failed(1).code, CauseCode::ConfigReferenceMissing);
}

#[test]
fn a_network_that_is_not_there_has_a_grace() {
    let mut world = world();
    world.pod(
        json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]}),
    );
    world.event("api-new-1", "FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"ab\": plugin type=\"bridge\" failed (add): no IP addresses available in range set: 10.244.0.1-10.244.0.254");
    assert_eq!(world.waits(1).findings[0].code, CauseCode::SandboxFailed);
    assert_eq!(world.failed(61).code, CauseCode::SandboxFailed);
}

#[test]
fn a_pod_that_its_node_gave_up_only_counts_when_nothing_else_comes_of_it() {
    for (reason, message, code) in [
        (
            "Evicted",
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ",
            CauseCode::Evicted,
        ),
        (
            "OutOfcpu",
            "Pod was rejected: Node didn't have enough resource: cpu, requested: 500, used: 3800, capacity: 4000",
            CauseCode::NodeRefused,
        ),
        (
            "NodeLost",
            "Node node-1 which was running pod api-new-1 is unresponsive",
            CauseCode::NodeLost,
        ),
    ] {
        let mut world = world();
        world.pod(json!({"phase": "Failed", "reason": reason, "message": message}));
        let finding = world.waits(1).findings.remove(0);
        assert_eq!((finding.code, finding.class), (code, Transient));
        world.waits(299);
        assert_eq!(world.failed(301).code, code);
    }
}
