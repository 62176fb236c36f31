//! Whether everything that a pod refers to will be there: configuration, secrets, their keys, accounts, claims.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::finding::{PreflightFinding, Weight};
use crate::deploy::inputs::DeployInputs;
use crate::failure::Result;
use crate::ports::Cluster;
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// Something that a pod needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    kind: &'static str,
    name: String,
    /// A key in it; `None`: all of it.
    key: Option<String>,
}

pub(super) async fn missing(
    cluster: &dyn Cluster,
    inputs: &DeployInputs,
) -> Result<Vec<PreflightFinding>> {
    let own: BTreeMap<ObjectRef, &Object> = inputs
        .objects
        .iter()
        .map(|planned| (planned.object.reference(), &planned.object))
        .collect();
    let mut asked: BTreeMap<ObjectRef, Option<Object>> = BTreeMap::new();
    let mut findings = Vec::new();
    for planned in inputs.objects.iter().filter(|planned| planned.changes()) {
        let user = planned.object.reference();
        for reference in references(&planned.object) {
            let target = ObjectRef {
                kind: ObjectKind::new("v1", reference.kind),
                namespace: user.namespace.clone(),
                name: reference.name.clone(),
            };
            // What the pods are handed comes before them.
            if inputs.secrets.contains(&target) {
                continue;
            }
            let found = match own.get(&target) {
                Some(object) => Some((*object).clone()),
                None => match asked.get(&target) {
                    Some(known) => known.clone(),
                    None => {
                        let live = cluster.get(&target).await?;
                        asked.insert(target.clone(), live.clone());
                        live
                    }
                },
            };
            findings.extend(fault(&user, &target, &reference, found.as_ref()));
        }
    }
    Ok(findings)
}

fn fault(
    user: &ObjectRef,
    target: &ObjectRef,
    reference: &Reference,
    found: Option<&Object>,
) -> Option<PreflightFinding> {
    let message = match (found, &reference.key) {
        (None, _) => format!("needs {target}, which does not exist"),
        (Some(object), Some(key)) if !has_key(object, key) => {
            format!("needs the key '{key}' of {target}, which has no such key")
        }
        _ => return None,
    };
    Some(PreflightFinding {
        weight: Weight::Blocks,
        code: "reference-missing".into(),
        object: user.to_string(),
        message,
        hint: format!("make {target} first, or correct the reference"),
    })
}

fn has_key(object: &Object, key: &str) -> bool {
    ["data", "binaryData", "stringData"]
        .iter()
        .any(|part| object.0[part].get(key).is_some())
}

/// What the pods of a workload refer to; what is marked optional is left out.
fn references(object: &Object) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    let templates = [
        "/spec/template/spec",
        "/spec/jobTemplate/spec/template/spec",
    ];
    let pods = templates.iter().filter_map(|path| object.0.pointer(path));
    for pod in pods {
        of_pod(pod, &mut found);
    }
    found
}

fn of_pod(pod: &Value, found: &mut BTreeSet<Reference>) {
    if let Some(account) = pod["serviceAccountName"]
        .as_str()
        .filter(|it| *it != "default")
    {
        insert(found, "ServiceAccount", account, None);
    }
    for secret in list(pod, "imagePullSecrets") {
        if let Some(name) = secret["name"].as_str() {
            insert(found, "Secret", name, None);
        }
    }
    for volume in list(pod, "volumes") {
        of_volume(volume, found);
        for source in list(&volume["projected"], "sources") {
            of_volume(source, found);
        }
    }
    for kind in ["initContainers", "containers"] {
        for container in list(pod, kind) {
            of_container(container, found);
        }
    }
}

fn of_volume(volume: &Value, found: &mut BTreeSet<Reference>) {
    for (field, kind, name) in [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
        ("secret", "Secret", "name"),
        (
            "persistentVolumeClaim",
            "PersistentVolumeClaim",
            "claimName",
        ),
    ] {
        let source = &volume[field];
        let Some(target) = source[name].as_str().filter(|_| source["optional"] != true) else {
            continue;
        };
        insert(found, kind, target, None);
        for item in list(source, "items") {
            insert(found, kind, target, item["key"].as_str());
        }
    }
}

fn of_container(container: &Value, found: &mut BTreeSet<Reference>) {
    for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
        for source in list(container, "envFrom") {
            of_selector(&source[field], kind, found);
        }
    }
    for variable in list(container, "env") {
        let from = &variable["valueFrom"];
        of_selector(&from["configMapKeyRef"], "ConfigMap", found);
        of_selector(&from["secretKeyRef"], "Secret", found);
    }
}

fn of_selector(selector: &Value, kind: &'static str, found: &mut BTreeSet<Reference>) {
    if let Some(name) = selector["name"]
        .as_str()
        .filter(|_| selector["optional"] != true)
    {
        insert(found, kind, name, selector["key"].as_str());
    }
}

fn insert(found: &mut BTreeSet<Reference>, kind: &'static str, name: &str, key: Option<&str>) {
    found.insert(Reference {
        kind,
        name: name.to_owned(),
        key: key.map(str::to_owned),
    });
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_that_a_pod_refers_to_is_found_but_what_is_optional() {
        let object = Object(json!({"spec": {"template": {"spec": {
            "serviceAccountName": "api",
            "volumes": [
                {"name": "a", "configMap": {"name": "settings", "items": [{"key": "k", "path": "k"}]}},
                {"name": "b", "secret": {"secretName": "keys", "optional": true}},
                {"name": "c", "projected": {"sources": [{"secret": {"name": "projected"}}]}},
            ],
            "containers": [{
                "envFrom": [{"secretRef": {"name": "environment"}}],
                "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "x"}}}],
            }],
        }}}}));
        let found: Vec<String> = references(&object)
            .into_iter()
            .map(|it| format!("{} {} {}", it.kind, it.name, it.key.unwrap_or_default()))
            .collect();
        assert_eq!(
            found,
            [
                "ConfigMap settings ",
                "ConfigMap settings k",
                "ConfigMap settings x",
                "Secret environment ",
                "Secret projected ",
                "ServiceAccount api ",
            ]
        );
    }
}
