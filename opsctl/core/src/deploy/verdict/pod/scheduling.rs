//! A pod without a node: no room, no fitting node, a claim without a volume, or an autoscaler at work.

use super::Seen;
use crate::deploy::verdict::CauseCode;
use crate::deploy::verdict::finding::{Patience, Suspicion};
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// Events by which an autoscaler says that a node will come: cluster-autoscaler, Karpenter.
const NODE_COMES: [&str; 2] = ["TriggeredScaleUp", "Nominated"];

/// Why the pod has no node.
pub fn of(seen: &Seen<'_>) -> Option<Suspicion> {
    let conditions = seen.pod.items("/status/conditions").iter();
    let mut open = conditions.filter(|it| it["type"] == "PodScheduled" && it["status"] == "False");
    let condition = open.next()?;
    let message = condition["message"].as_str().unwrap_or_default();
    let grace = Patience::For(seen.scene.budgets.grace);
    let uid = seen.pod.uid();
    if condition["reason"] == "SchedulingGated" {
        let finding = seen.finding(CauseCode::WaitingForCapacity, message);
        return Some(Suspicion::for_a_while(
            finding,
            Patience::UntilDeadline,
            uid,
        ));
    }
    if message.contains("PersistentVolumeClaim") || message.contains("persistentvolumeclaim") {
        return Some(claims(seen, message));
    }
    if let Some(event) = seen.newest(&NODE_COMES, None) {
        let words = format!("{message} — {}", event.message);
        let finding = seen.finding(CauseCode::WaitingForCapacity, words);
        return Some(Suspicion::for_a_while(
            finding,
            Patience::UntilDeadline,
            uid,
        ));
    }
    let declined = seen.newest(&["NotTriggerScaleUp"], None);
    let words = declined.map_or_else(
        || message.to_owned(),
        |event| format!("{message} — {}", event.message),
    );
    let finding = seen.finding(CauseCode::Unschedulable, words);
    Some(Suspicion::for_a_while(finding, grace, uid))
}

fn claims(seen: &Seen<'_>, message: &str) -> Suspicion {
    let uid = seen.pod.uid();
    if is_missing(message) {
        return Suspicion::certain(
            seen.finding(CauseCode::ConfigReferenceMissing, message),
            uid,
        );
    }
    let grace = Patience::For(seen.scene.budgets.grace);
    let Some((claim, words, never)) = pending_claim(seen) else {
        return Suspicion::for_a_while(seen.finding(CauseCode::VolumePending, message), grace, uid);
    };
    let words = format!("claim {}: {words}", claim.name);
    let finding = seen.finding(CauseCode::VolumePending, words);
    if never {
        Suspicion::certain(finding, uid)
    } else {
        Suspicion::for_a_while(finding, grace, uid)
    }
}

/// Only where it stands behind the claim's name: the scheduler ends some sentences about claims with these words as well.
fn is_missing(message: &str) -> bool {
    let named = message.split("persistentvolumeclaim \"").skip(1);
    let mut after = named.filter_map(|rest| rest.split_once('"'));
    after.any(|(_, rest)| rest.starts_with(" not found"))
}

/// The first claim of the pod that has no volume, what its events say, and whether it never will have one.
fn pending_claim(seen: &Seen<'_>) -> Option<(ObjectRef, String, bool)> {
    let claims = claims_of(seen.pod);
    let live = claims
        .iter()
        .filter_map(|claim| seen.scene.board.get(claim));
    let pending = live
        .filter(|claim| claim.text("/status/phase") != "Bound")
        .map(|claim| {
            let events = seen.scene.board.events_about(claim);
            let words = events
                .last()
                .map_or("it has no volume yet", |event| event.message);
            let never = words.contains("storageclass") && words.contains("not found");
            (claim.reference(), words.to_owned(), never)
        });
    pending.min_by_key(|(_, _, never)| !never)
}

fn claims_of(pod: &Object) -> Vec<ObjectRef> {
    let name_in = |volume: &serde_json::Value| {
        let direct = volume["persistentVolumeClaim"]["claimName"].as_str();
        let own = volume["ephemeral"].is_object().then(|| {
            let volume = volume["name"].as_str().unwrap_or_default();
            format!("{}-{volume}", pod.text("/metadata/name"))
        });
        direct.map(str::to_owned).or(own)
    };
    let volumes = pod.items("/spec/volumes").iter().filter_map(name_in);
    let claim = |name: String| ObjectRef {
        kind: ObjectKind::new("v1", "PersistentVolumeClaim"),
        namespace: pod.find("/metadata/namespace").map(str::to_owned),
        name,
    };
    volumes.map(claim).collect()
}
