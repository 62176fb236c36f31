//! The field `namespace`: where everything goes that stands in a namespace.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Manifest;
use super::kinds::Kinds;
use super::walk::{Missing, each_map};

/// Puts every object there, and names the namespace itself so.
pub fn apply(manifests: &mut [Manifest], namespace: &str, kinds: &Kinds) {
    let accounts: BTreeSet<String> = manifests
        .iter()
        .filter(|manifest| manifest.kind() == "ServiceAccount")
        .map(|manifest| manifest.name().to_owned())
        .collect();
    for manifest in manifests {
        if !kinds.is_of_cluster(manifest) {
            manifest.set("metadata.namespace", namespace);
        }
        match (manifest.group(), manifest.kind()) {
            ("", "Namespace") => manifest.set("metadata.name", namespace),
            ("apiregistration.k8s.io", "APIService") => {
                manifest.set("spec.service.namespace", namespace);
            }
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
                bind(manifest.value_mut(), namespace, &accounts);
            }
            _ => {}
        }
    }
}

/// A binding names accounts with their namespace: those of this platform have moved.
fn bind(binding: &mut Value, namespace: &str, accounts: &BTreeSet<String>) {
    each_map(binding, "subjects", Missing::Skip, &mut |subject| {
        let is = |field: &str, value: &str| subject.get(field).is_some_and(|it| it == value);
        let name = subject
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let moved = is("kind", "ServiceAccount")
            && !subject.contains_key("namespace")
            && (name == "default" || accounts.contains(name));
        if moved {
            subject.insert("namespace".into(), namespace.into());
        }
    });
}
