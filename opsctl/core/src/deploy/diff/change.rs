//! The changes that applying an object would make: the live form beside the server's preview of the new one.

use serde_json::{Value, json};

use super::compare::{Sides, compare};
use super::lines::{LineChange, changed_lines};
use super::owners;
use super::path::FieldPath;
use crate::clock::Timestamp;
use crate::workloads::Object;

/// What stands in the place of a secret.
const MASK: &str = "‹secret›";
/// The same where it changes.
const CHANGED: &str = "‹secret, changed›";

/// The most letters of a value in a short line.
const LONGEST: usize = 60;

/// A value, as it may be shown.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Shown(pub Value);

/// Who has a field beside opsctl.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldOwner {
    /// The manager's name: `kubectl-edit`, `kube-controller-manager`.
    pub manager: String,
    /// The part of the object through which it wrote: `scale` of an autoscaler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// When it wrote last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// Which: `spec.template.spec.containers[api].image`.
    pub path: String,
    /// What it is now; absent when it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Shown>,
    /// What it will be; absent when it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Shown>,
    /// The changed lines, where the values are texts of several lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineChange>,
    /// Who else has the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<FieldOwner>,
}

impl FieldChange {
    /// Which field, and from what to what, without who else has it.
    #[must_use]
    pub fn values(&self) -> Value {
        json!([self.path, self.before, self.after, self.lines])
    }
}

/// In one short line.
impl std::fmt::Display for FieldChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |shown: &Option<Shown>| match shown {
            None => "–".to_owned(),
            Some(Shown(Value::String(text))) => shortened(text),
            Some(Shown(value)) => shortened(&value.to_string()),
        };
        let (before, after) = (side(&self.before), side(&self.after));
        write!(f, "{}: {before} → {after}", self.path)
    }
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// Every field in which the previewed object differs from the live one; all of them where nothing is live.
#[must_use]
pub fn changes(live: Option<&Object>, previewed: &Object) -> Vec<FieldChange> {
    let metadata = &previewed.0["metadata"];
    let nothing = Object(json!({
        "kind": previewed.0["kind"],
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "spec": {}, "data": {}, "stringData": {}, "binaryData": {},
    }));
    let before = live.unwrap_or(&nothing);
    let differing = compare(&before.0, &previewed.0).into_iter();
    let present = differing.filter(|(_, sides)| !is_placeholder(sides));
    present
        .map(|(path, sides)| told(before, &path, sides))
        .collect()
}

/// A field that differs, told for people: masked, by lines, with its owner.
pub(super) fn told(live: &Object, path: &FieldPath, sides: Sides<'_>) -> FieldChange {
    let owner = owners::owner(live, path);
    let secret = is_secret(live, path);
    let both = sides.before.is_some() && sides.after.is_some();
    let mask = if both { CHANGED } else { MASK };
    let shown = |value: &Value| {
        Shown(if secret {
            masked(value, mask)
        } else {
            value.clone()
        })
    };
    let lines = match (sides.before, sides.after) {
        (Some(Value::String(before)), Some(Value::String(after))) if !secret => {
            changed_lines(before, after)
        }
        _ => Vec::new(),
    };
    FieldChange {
        path: path.to_string(),
        before: sides.before.map(shown),
        after: sides.after.map(shown),
        lines,
        owner,
    }
}

/// The empty maps beside which a new object is laid are nobody's.
fn is_placeholder(sides: &Sides<'_>) -> bool {
    sides.after.is_none() && sides.before == Some(&json!({}))
}

fn is_secret(object: &Object, path: &FieldPath) -> bool {
    let holds = ["data", "stringData"]
        .iter()
        .any(|field| path.is_in(&[*field]));
    holds && object.text("/kind") == "Secret"
}

fn masked(value: &Value, mask: &str) -> Value {
    match value {
        Value::Object(fields) => {
            let hidden = fields
                .iter()
                .map(|(name, value)| (name.clone(), masked(value, mask)));
            Value::Object(hidden.collect())
        }
        _ => json!(mask),
    }
}
