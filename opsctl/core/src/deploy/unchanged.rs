//! The proof, without asking the API server, that applying a manifest would change nothing.
//!
//! Owns the rules of the proof and never a guess: where it can't be had, the server is asked. Two things must hold: every
//! leaf of the manifest is live with the same value, and the fields that opsctl has applied before are exactly those of
//! the manifest, neither more (they would be taken away) nor fewer (they would become ours).

use serde_json::Value;

use super::diff::{FieldPath, Fields, Segment, applied_fields};
use crate::workloads::Object;

/// Whether it could be proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Applying the manifest would change nothing.
    Unchanged,
    /// It could not be proven: why, with the first place that stands against it.
    Unproven(String),
}

impl Proof {
    /// Whether it is proven.
    #[must_use]
    pub fn holds(&self) -> bool {
        *self == Self::Unchanged
    }
}

/// Tries to prove that applying the manifest over the live object would change nothing.
#[must_use]
pub fn prove_unchanged(manifest: &Object, live: &Object) -> Proof {
    match proven(manifest, live) {
        Ok(()) => Proof::Unchanged,
        Err(why) => Proof::Unproven(why),
    }
}

type Step = Result<(), String>;

fn proven(manifest: &Object, live: &Object) -> Step {
    if manifest.reference() != live.reference() {
        return Err("it is another object, or another version of its kind".to_owned());
    }
    if live.find("/metadata/deletionTimestamp").is_some() {
        return Err("it is on its way out".to_owned());
    }
    let Some((version, fields)) = applied_fields(live) else {
        return Err("opsctl has not applied it".to_owned());
    };
    if version != manifest.text("/apiVersion") {
        return Err(format!("it was applied as {version}"));
    }
    let mut wish = manifest.0.clone();
    take_names(&mut wish);
    same(&FieldPath::default(), &wish, &live.0, fields)
}

/// The names of an object are nobody's fields.
fn take_names(manifest: &mut Value) {
    if let Some(fields) = manifest.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    let metadata = manifest.get_mut("metadata");
    if let Some(metadata) = metadata.and_then(Value::as_object_mut) {
        metadata.remove("name");
        metadata.remove("namespace");
        if metadata.is_empty()
            && let Some(fields) = manifest.as_object_mut()
        {
            fields.remove("metadata");
        }
    }
}

fn same(path: &FieldPath, wish: &Value, live: &Value, fields: Fields<'_>) -> Step {
    match (wish, live) {
        // A leaf of ours is whole: a scalar, an empty map, or what the kind's schema calls atomic.
        _ if fields.is_leaf() => equal(path, wish, live),
        (Value::Object(_), Value::Object(_)) => same_map(path, wish, live, fields),
        (Value::Array(wish), Value::Array(live)) => same_list(path, wish, live, fields),
        _ => Err(format!("{path} is of another form")),
    }
}

fn equal(path: &FieldPath, wish: &Value, live: &Value) -> Step {
    if wish.is_null() || wish != live {
        return Err(format!("{path} differs"));
    }
    Ok(())
}

fn same_map(path: &FieldPath, wish: &Value, live: &Value, fields: Fields<'_>) -> Step {
    let wished = wish.as_object().into_iter().flatten();
    let mut known = 0;
    for (name, wish) in wished {
        let path = path.field(name);
        let below = fields.field(name);
        let below = below.ok_or_else(|| format!("{path} is not ours yet"))?;
        let live = live
            .get(name)
            .ok_or_else(|| format!("{path} is not live"))?;
        same(&path, wish, live, below)?;
        known += 1;
    }
    all_known(path, known, fields)
}

/// Elements with names of their own: ours may stand among those of others, in the same order.
fn same_list(path: &FieldPath, wish: &[Value], live: &[Value], fields: Fields<'_>) -> Step {
    let mut from = 0;
    for (index, wish) in wish.iter().enumerate() {
        let path = path.and(Segment::Index(index));
        let below = fields.element(wish, index);
        let below = below.ok_or_else(|| format!("{path} is not ours yet"))?;
        let of_ours = |item: &Value| {
            let same = fields.element(item, index);
            same.is_some_and(|same| same.is_same(below)) && (!is_scalar(wish) || item == wish)
        };
        let rest = live.get(from..).unwrap_or_default();
        let place = rest.iter().position(of_ours);
        let place = place.ok_or_else(|| format!("{path} is not live, or in another order"))?;
        match (wish, &rest[place]) {
            // An element that is only named: nothing of it is left to compare but its keys.
            (Value::Object(_), item) if !below.is_leaf() => same(&path, wish, item, below)?,
            (wish, item) => equal(&path, wish, item)?,
        }
        from += place + 1;
    }
    all_known(path, wish.len(), fields)
}

/// Whether opsctl has nothing here that the manifest does not speak of.
fn all_known(path: &FieldPath, known: usize, fields: Fields<'_>) -> Step {
    if fields.children().count() != known {
        let place = path.to_string();
        let place = if place.is_empty() {
            "the object"
        } else {
            &place
        };
        return Err(format!(
            "{place} has a field of ours that the manifest no longer has"
        ));
    }
    Ok(())
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

#[cfg(test)]
mod tests;
