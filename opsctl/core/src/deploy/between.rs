//! In what two sets of manifests differ.

use std::collections::BTreeMap;

use super::diff::{FieldChange, changes};
use crate::workloads::{Object, ObjectRef};

/// One object that is not the same in both.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// Only in the second.
    New {
        /// The object.
        object: ObjectRef,
    },
    /// Only in the first.
    Gone {
        /// The object.
        object: ObjectRef,
    },
    /// In both, with other fields.
    Changed {
        /// The object.
        object: ObjectRef,
        /// The fields, from the first to the second.
        fields: Vec<FieldChange>,
    },
}

/// What changes from the first to the second.
#[must_use]
pub fn between(first: &[Object], second: &[Object]) -> Vec<Difference> {
    let by_name = |objects: &[Object]| -> BTreeMap<ObjectRef, Object> {
        let named = objects
            .iter()
            .map(|object| (object.reference(), object.clone()));
        named.collect()
    };
    let (first, second) = (by_name(first), by_name(second));
    let mut all = Vec::new();
    for (name, object) in &second {
        match first.get(name) {
            None => all.push(Difference::New {
                object: name.clone(),
            }),
            Some(before) => {
                let fields = changes(Some(before), object);
                if !fields.is_empty() {
                    all.push(Difference::Changed {
                        object: name.clone(),
                        fields,
                    });
                }
            }
        }
    }
    let gone = first.keys().filter(|name| !second.contains_key(*name));
    all.extend(gone.map(|name| Difference::Gone {
        object: name.clone(),
    }));
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(name: &str, value: &str) -> Object {
        Object(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": "app"}, "data": {"key": value}}))
    }

    #[test]
    fn what_is_new_gone_and_changed_is_told_and_the_rest_is_not() {
        let first = [map("same", "1"), map("changed", "1"), map("gone", "1")];
        let second = [map("same", "1"), map("changed", "2"), map("new", "1")];
        let told: Vec<&str> = between(&first, &second)
            .iter()
            .map(|difference| match difference {
                Difference::New { .. } => "new",
                Difference::Gone { .. } => "gone",
                Difference::Changed { .. } => "changed",
            })
            .collect();
        assert_eq!(told, ["changed", "new", "gone"]);
    }
}
