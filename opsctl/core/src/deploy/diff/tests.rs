//! Differences and drift over real forms of objects.

use serde_json::{Value, json};

use super::*;
use crate::workloads::Object;

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "namespace": "shop", "name": "api", "uid": "u", "resourceVersion": "7", "generation": 3,
            "labels": {"app.kubernetes.io/version": "v1"},
            "annotations": {"deployment.kubernetes.io/revision": "4"},
            "managedFields": [
                {"manager": "opsctl", "operation": "Apply", "time": "2026-11-27T09:00:00Z", "apiVersion": "apps/v1", "fieldsV1": {
                    "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {".": {}, "f:name": {}, "f:image": {}}}}}},
                }},
                {"manager": "kubectl-edit", "operation": "Update", "time": "2026-11-27T10:00:00Z", "apiVersion": "apps/v1", "fieldsV1": {
                    "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {
                        "f:image": {}, "f:env": {".": {}, "k:{\"name\":\"DEBUG\"}": {".": {}, "f:name": {}, "f:value": {}}},
                    }}}}},
                }},
                {"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale", "time": "2026-11-27T11:00:00Z", "apiVersion": "apps/v1", "fieldsV1": {
                    "f:spec": {"f:replicas": {}},
                }},
            ],
        },
        "spec": {
            "replicas": 3,
            "template": {"spec": {
                "dnsPolicy": "ClusterFirst",
                "containers": [
                    {"name": "api", "image": "app:v1", "ports": [{"containerPort": 8443, "protocol": "TCP"}],
                     "resources": {"requests": {"cpu": "500m"}}, "args": ["--role", "api"]},
                    {"name": "proxy", "image": "proxy:v1"},
                ],
            }},
        },
        "status": {"replicas": 3},
    })
}

fn told(changes: &[FieldChange]) -> Vec<(String, Value, Value)> {
    let side = |shown: &Option<Shown>| shown.as_ref().map_or(Value::Null, |it| it.0.clone());
    let all = changes.iter();
    all.map(|it| (it.path.clone(), side(&it.before), side(&it.after)))
        .collect()
}

fn between(before: &Value, after: &Value) -> Vec<FieldChange> {
    changes(Some(&Object(before.clone())), &Object(after.clone()))
}

#[test]
fn the_servers_own_fields_are_no_difference() {
    let mut after = deployment();
    after["metadata"]["resourceVersion"] = json!("8");
    after["metadata"]["generation"] = json!(4);
    after["metadata"]["managedFields"] = json!([]);
    after["status"] = json!({});
    after["spec"]["template"]["metadata"] = json!(null);
    assert!(between(&deployment(), &after).is_empty());
}

#[test]
fn elements_are_told_by_their_names_wherever_they_stand() {
    let mut after = deployment();
    let containers = after["spec"]["template"]["spec"]["containers"]
        .as_array_mut()
        .unwrap();
    containers[0]["image"] = json!("app:v2");
    containers[0]["ports"] = json!([{"containerPort": 9090, "protocol": "TCP"}, {"containerPort": 8443, "protocol": "TCP"}]);
    containers[0]["args"] = json!(["--role", "worker"]);
    containers.insert(1, json!({"name": "mesh", "image": "mesh:v1"}));
    assert_eq!(
        told(&between(&deployment(), &after)),
        [
            (
                "spec.template.spec.containers[api].args".into(),
                json!(["--role", "api"]),
                json!(["--role", "worker"])
            ),
            (
                "spec.template.spec.containers[api].image".into(),
                json!("app:v1"),
                json!("app:v2")
            ),
            (
                "spec.template.spec.containers[api].ports[9090/TCP]".into(),
                json!(null),
                json!({"containerPort": 9090, "protocol": "TCP"})
            ),
            (
                "spec.template.spec.containers[mesh]".into(),
                json!(null),
                json!({"name": "mesh", "image": "mesh:v1"})
            ),
        ]
    );
}

#[test]
fn another_order_is_one_difference() {
    let mut after = deployment();
    let containers = after["spec"]["template"]["spec"]["containers"]
        .as_array_mut()
        .unwrap();
    containers.reverse();
    let changes = between(&deployment(), &after);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].path, "spec.template.spec.containers");
}

#[test]
fn who_else_has_a_field_is_named_and_opsctl_is_not() {
    let mut after = deployment();
    after["spec"]["replicas"] = json!(5);
    after["metadata"]["labels"]["app.kubernetes.io/version"] = json!("v2");
    let containers = &mut after["spec"]["template"]["spec"]["containers"];
    containers[0]["image"] = json!("app:v2");
    let owners: Vec<(String, Option<String>)> = between(&deployment(), &after)
        .into_iter()
        .map(|it| (it.path, it.owner.map(|owner| owner.manager)))
        .collect();
    assert_eq!(
        owners,
        [
            (
                "metadata.labels[\"app.kubernetes.io/version\"]".into(),
                None
            ),
            (
                "spec.replicas".into(),
                Some("kube-controller-manager".into())
            ),
            (
                "spec.template.spec.containers[api].image".into(),
                Some("kubectl-edit".into())
            ),
        ]
    );
}

#[test]
fn a_new_object_is_told_field_by_field() {
    let config = Object(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "app"},
        "data": {"MODE": "on"},
    }));
    assert_eq!(
        told(&changes(None, &config)),
        [("data.MODE".into(), json!(null), json!("on"))]
    );
}

fn secret(value: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "shop", "name": "app"},
        "data": {"password": value}, "type": "Opaque",
    })
}

#[test]
fn the_value_of_a_secret_is_never_told_nor_anything_made_of_it() {
    let new = changes(None, &Object(secret("aHVudGVyMg==")));
    let changed = between(&secret("aHVudGVyMg=="), &secret("c2VjcmV0"));
    let mut gone = secret("");
    gone.as_object_mut().unwrap().remove("data");
    let gone = between(&secret("aHVudGVyMg=="), &gone);
    for change in [&new, &changed, &gone] {
        let text = serde_json::to_string(change).unwrap();
        assert!(text.contains("‹secret"), "{text}");
        assert!(!text.contains("aHVud") && !text.contains("c2Vjc"), "{text}");
    }
    assert_eq!(
        told(&changed),
        [(
            "data.password".into(),
            json!("‹secret, changed›"),
            json!("‹secret, changed›")
        )]
    );
}

#[test]
fn a_text_of_several_lines_is_told_by_its_changed_lines() {
    let config = |port: u16| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"},
            "data": {"app.yaml": format!("a: 1\nport: {port}\nb: 2\n")},
        })
    };
    let changes = between(&config(80), &config(81));
    let lines: Vec<&str> = changes[0]
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    assert_eq!(changes[0].path, "data[\"app.yaml\"]");
    assert_eq!(lines, ["a: 1", "port: 80", "port: 81", "b: 2"]);
}

fn applied() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"namespace": "shop", "name": "api", "labels": {"app.kubernetes.io/version": "v1"}},
        "spec": {
            "replicas": 3,
            "template": {"spec": {"containers": [
                {"name": "api", "image": "app:v1", "ports": [{"containerPort": 8443}],
                 "resources": {"requests": {"cpu": "0.5"}}, "args": ["--role", "api"]},
                {"name": "proxy", "image": "proxy:v1"},
            ]}},
        },
    })
}

fn drifted(live: Value) -> Vec<FieldChange> {
    drift(&Object(applied()), &Object(live))
}

#[test]
fn what_the_server_fills_in_or_spells_its_own_way_is_no_drift() {
    assert_eq!(drifted(deployment()), []);
}

#[test]
fn replicas_of_an_autoscaler_are_no_drift_and_those_of_a_person_are() {
    let mut live = deployment();
    live["spec"]["replicas"] = json!(7);
    assert_eq!(drifted(live.clone()), []);
    live["metadata"]["managedFields"][2]["manager"] = json!("kubectl");
    let drift = drifted(live);
    assert_eq!(told(&drift), [("spec.replicas".into(), json!(3), json!(7))]);
    assert_eq!(
        drift[0].owner.as_ref().unwrap().part.as_deref(),
        Some("scale")
    );
}

#[test]
fn a_field_changed_or_added_by_hand_is_drift_with_its_manager_and_its_time() {
    let mut live = deployment();
    let container = &mut live["spec"]["template"]["spec"]["containers"][0];
    container["image"] = json!("app:hotfix");
    container["env"] = json!([{"name": "DEBUG", "value": "1"}]);
    let drift = drifted(live);
    let paths: Vec<&str> = drift.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "spec.template.spec.containers[api].env",
            "spec.template.spec.containers[api].image"
        ]
    );
    for change in &drift {
        let owner = change.owner.as_ref().unwrap();
        assert_eq!(owner.manager, "kubectl-edit");
        assert_eq!(owner.time.unwrap().to_string(), "2026-11-27T10:00:00Z");
    }
}

#[test]
fn what_was_there_by_hand_before_the_release_is_not_its_drift() {
    let mut live = deployment();
    live["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "DEBUG", "value": "1"}]);
    live["metadata"]["managedFields"][0]["time"] = json!("2026-11-27T10:30:00Z");
    assert_eq!(drifted(live), []);
}

#[test]
fn what_was_taken_away_is_drift() {
    let mut live = deployment();
    let containers = live["spec"]["template"]["spec"]["containers"]
        .as_array_mut()
        .unwrap();
    containers.pop();
    let drift = drifted(live);
    assert_eq!(drift[0].path, "spec.template.spec.containers[proxy]");
    assert!(drift[0].after.is_none());
}
