//! Drift: where a live object is no longer what the release applied, and who made it so.

use serde_json::Value;

use super::change::{FieldChange, FieldOwner, told};
use super::compare::compare;
use super::owners;
use super::path::FieldPath;
use super::quantity::same_quantity;
use crate::workloads::Object;

/// Controllers of the cluster itself: what they add is their work, not drift.
const CONTROLLERS: [&str; 4] = [
    "kube-controller-manager",
    "kube-scheduler",
    "kube-apiserver",
    "kubelet",
];

/// Every field that the release applied and that is another one now, and every field that somebody added by hand.
/// `before` is what the release applied, `after` what is live. The `stringData` of a Secret is never live and not compared.
#[must_use]
pub fn drift(applied: &Object, live: &Object) -> Vec<FieldChange> {
    let mut found = Vec::new();
    for (path, sides) in compare(&applied.0, &live.0) {
        if path.is_in(&["stringData"]) {
            continue;
        }
        let changed = told(live, &path, sides);
        let ours = sides.before.is_some_and(|before| !before.is_null());
        let differs = match (sides.before, sides.after) {
            _ if !ours => is_by_hand(live, &path, changed.owner.as_ref()),
            (Some(before), Some(after)) => !is_same(before, after) && !is_filled_in(before, after),
            _ => true,
        };
        if differs && !is_scaled(&path, changed.owner.as_ref()) {
            found.push(changed);
        }
    }
    found
}

/// An autoscaler's work.
fn is_scaled(path: &FieldPath, owner: Option<&FieldOwner>) -> bool {
    let scaler = |owner: &FieldOwner| {
        owner.manager == CONTROLLERS[0] && owner.part.as_deref() == Some("scale")
    };
    path.is_in(&["spec", "replicas"]) && owner.is_some_and(scaler)
}

/// The server writes quantities in its own spelling.
fn is_same(applied: &Value, live: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match (text(applied), text(live)) {
        (Some(applied), Some(live)) => same_quantity(&applied, &live),
        _ => false,
    }
}

/// Lists that are told as a whole differ where the server only filled in what the release left open.
fn is_filled_in(applied: &Value, live: &Value) -> bool {
    match (applied, live) {
        (Value::Array(applied), Value::Array(live)) => {
            let mut pairs = applied.iter().zip(live);
            applied.len() == live.len() && pairs.all(|(one, other)| is_filled_in(one, other))
        }
        (Value::Object(applied), Value::Object(live)) => applied.iter().all(|(name, value)| {
            let known = live.get(name);
            known.is_some_and(|known| is_filled_in(value, known))
        }),
        _ => applied == live || is_same(applied, live),
    }
}

/// A field that the release does not speak of is drift when somebody wrote it later; the server's defaults have no owner,
/// and what is beside the wish (labels, annotations of controllers) is theirs to write.
fn is_by_hand(live: &Object, path: &FieldPath, owner: Option<&FieldOwner>) -> bool {
    let wish = ["spec", "data", "binaryData"];
    let wished = wish.iter().any(|field| path.is_in(&[*field]));
    let Some(owner) = owner.filter(|_| wished) else {
        return false;
    };
    let by_controller = CONTROLLERS.contains(&owner.manager.as_str()) || owner.part.is_some();
    !by_controller && owner.time > owners::applied_at(live)
}
