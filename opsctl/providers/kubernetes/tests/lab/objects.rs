//! Objects that tests apply.

use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use serde_json::{Value, json};

pub fn config_map(namespace: &str, name: &str, data: Value) -> Object {
    Object(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {"made-by": "a-test"}}, "data": data}))
}

pub fn deployment(namespace: &str, name: &str) -> Object {
    Object(json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec()}}}))
}

pub fn pod(namespace: &str, name: &str) -> Object {
    Object(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace}, "spec": pod_spec()}))
}

pub fn pod_spec() -> Value {
    json!({"containers": [{"name": "main", "image": "local/pause:1"}]})
}

pub fn reference(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        kind: ObjectKind::new(api_version, kind),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    }
}
