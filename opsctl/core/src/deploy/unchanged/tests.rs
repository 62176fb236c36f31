//! The proof, over real forms of objects and over random ones.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn manifest() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"namespace": "shop", "name": "api", "labels": {"app": "api"}},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "api"}},
            "template": {"spec": {
                "volumes": [{"name": "tmp", "emptyDir": {}}],
                "containers": [{
                    "name": "api", "image": "app@sha256:ab", "args": ["--role", "api"],
                    "ports": [{"containerPort": 8443}],
                    "resources": {"requests": {"cpu": "500m"}},
                }],
            }},
        },
    })
}

fn live() -> Value {
    let mut live = manifest();
    live["metadata"]["uid"] = json!("u");
    live["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "4"});
    live["metadata"]["managedFields"] = json!([
        {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}},
        {"manager": "opsctl", "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": {
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {
                "f:replicas": {}, "f:selector": {},
                "f:template": {"f:spec": {
                    "f:volumes": {"k:{\"name\":\"tmp\"}": {".": {}, "f:name": {}, "f:emptyDir": {}}},
                    "f:containers": {"k:{\"name\":\"api\"}": {
                        ".": {}, "f:name": {}, "f:image": {}, "f:args": {},
                        "f:ports": {"k:{\"containerPort\":8443,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                        "f:resources": {"f:requests": {"f:cpu": {}}},
                    }},
                }},
            },
        }},
    ]);
    let pod = &mut live["spec"]["template"]["spec"];
    pod["dnsPolicy"] = json!("ClusterFirst");
    pod["containers"][0]["terminationMessagePath"] = json!("/dev/termination-log");
    pod["containers"][0]["ports"][0]["protocol"] = json!("TCP");
    live["status"] = json!({"replicas": 3});
    live
}

fn prove(manifest: Value, live: Value) -> Proof {
    prove_unchanged(&Object(manifest), &Object(live))
}

#[track_caller]
fn unproven(manifest: Value, live: Value, why: &str) {
    assert_eq!(prove(manifest, live), Proof::Unproven(why.to_owned()));
}

#[test]
fn what_the_server_filled_in_does_not_stand_against_the_proof() {
    assert_eq!(prove(manifest(), live()), Proof::Unchanged);
}

#[test]
fn a_sidecar_of_somebody_else_does_not_stand_against_it_either() {
    let mut live = live();
    let containers = live["spec"]["template"]["spec"]["containers"]
        .as_array_mut()
        .unwrap();
    containers.insert(0, json!({"name": "mesh", "image": "mesh:1"}));
    assert!(prove(manifest(), live).holds());
}

fn edit(mut object: Value, pointer: &str, value: Value) -> Value {
    *object.pointer_mut(pointer).unwrap() = value;
    object
}

fn without(mut object: Value, pointer: &str, field: &str) -> Value {
    let place = object.pointer_mut(pointer).unwrap();
    place.as_object_mut().unwrap().remove(field);
    object
}

#[test]
fn another_value_on_either_side_is_told_by_its_place() {
    const CONTAINER: &str = "/spec/template/spec/containers/0";
    for (field, value) in [
        ("image", json!("app@sha256:cd")),
        ("args", json!(["--role"])),
        ("resources/requests/cpu", json!("0.5")),
    ] {
        let pointer = format!("{CONTAINER}/{field}");
        let place = field.replace('/', ".");
        let why = format!("spec.template.spec.containers[0].{place} differs");
        unproven(edit(manifest(), &pointer, value.clone()), live(), &why);
        unproven(manifest(), edit(live(), &pointer, value), &why);
    }
}

#[test]
fn a_field_that_comes_or_goes_is_told() {
    let mut more = manifest();
    more["spec"]["paused"] = json!(true);
    unproven(more, live(), "spec.paused is not ours yet");
    let fewer = without(manifest(), "/spec", "replicas");
    let why = "spec has a field of ours that the manifest no longer has";
    unproven(fewer, live(), why);
    let bare = without(manifest(), "/metadata", "labels");
    let why = "the object has a field of ours that the manifest no longer has";
    unproven(bare, live(), why);
    let lost = without(live(), "/spec", "replicas");
    unproven(manifest(), lost, "spec.replicas is not live");
}

#[test]
fn what_opsctl_did_not_apply_so_is_not_proven() {
    let ours = |field: &str| format!("/metadata/managedFields/1/{field}");
    let helm = edit(live(), &ours("manager"), json!("helm"));
    unproven(manifest(), helm, "opsctl has not applied it");
    let update = edit(live(), &ours("operation"), json!("Update"));
    unproven(manifest(), update, "opsctl has not applied it");
    let version = edit(live(), &ours("apiVersion"), json!("apps/v1beta1"));
    unproven(manifest(), version, "it was applied as apps/v1beta1");
    let mut ending = live();
    ending["metadata"]["deletionTimestamp"] = json!("2026-11-27T09:00:00Z");
    unproven(manifest(), ending, "it is on its way out");
    let other = edit(manifest(), "/metadata/name", json!("other"));
    let why = "it is another object, or another version of its kind";
    unproven(other, live(), why);
}

#[test]
fn another_order_of_named_elements_is_a_change() {
    let second = json!({"name": "second", "image": "b"});
    let mut wish = manifest();
    let mut found = live();
    for object in [&mut wish, &mut found] {
        let containers = object["spec"]["template"]["spec"]["containers"]
            .as_array_mut()
            .unwrap();
        containers.push(second.clone());
    }
    let fields = "/metadata/managedFields/1/fieldsV1/f:spec/f:template/f:spec/f:containers";
    let fields = found.pointer_mut(fields).unwrap();
    fields["k:{\"name\":\"second\"}"] = json!({".": {}, "f:name": {}, "f:image": {}});
    assert!(prove(wish.clone(), found.clone()).holds());
    let containers = wish["spec"]["template"]["spec"]["containers"]
        .as_array_mut()
        .unwrap();
    containers.reverse();
    assert!(!prove(wish, found).holds());
}

/// The tree of fields that the server keeps of an applied value.
fn fields_of(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let below = fields
                .iter()
                .map(|(name, value)| (format!("f:{name}"), fields_of(value)));
            Value::Object(below.collect())
        }
        Value::Array(items) if named(items) => {
            let mut below = Map::new();
            for item in items {
                let mut fields = fields_of(item);
                fields["."] = json!({});
                below.insert(format!("k:{}", json!({"name": item["name"]})), fields);
            }
            Value::Object(below)
        }
        _ => json!({}),
    }
}

fn named(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(|item| item["name"].is_string())
}

fn applied(spec: &Value) -> (Value, Value) {
    let manifest = json!({
        "apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec,
    });
    let mut live = manifest.clone();
    live["metadata"]["managedFields"] = json!([{
        "manager": "opsctl", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:spec": fields_of(spec)},
    }]);
    (manifest, live)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z]{0,6}".prop_map(Value::from),
        prop::collection::vec("[a-z]{1,3}", 0..3).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let map = || prop::collection::btree_map("[a-z]{1,5}", inner.clone(), 1..4);
        let element = map().prop_map(|fields| fields.into_iter().collect::<Map<String, Value>>());
        prop_oneof![
            map().prop_map(|fields| Value::Object(fields.into_iter().collect())),
            prop::collection::vec(element, 1..4).prop_map(|elements| {
                let named = elements.into_iter().enumerate().map(|(at, mut element)| {
                    element.insert("name".into(), json!(format!("e{at}")));
                    Value::Object(element)
                });
                named.collect()
            }),
        ]
    })
}

/// The pointers of all leaves; the names of elements are no leaves of theirs to change.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                leaves(value, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) if named(items) => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, &format!("{pointer}/{at}"), found);
            }
        }
        _ => found.push(pointer.to_owned()),
    }
}

fn another(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(format!("{text}x")),
        Value::Bool(yes) => json!(!yes),
        Value::Number(number) => json!(number.as_i64().unwrap_or_default() ^ 1),
        Value::Array(items) => Value::Array([items.as_slice(), &[json!("more")]].concat()),
        Value::Object(_) | Value::Null => json!("other"),
    }
}

proptest! {
    #[test]
    fn a_manifest_proves_unchanged_against_itself(spec in values()) {
        let (manifest, live) = applied(&json!({"field": spec}));
        prop_assert_eq!(prove(manifest, live), Proof::Unchanged);
    }

    #[test]
    fn no_changed_leaf_is_ever_proven(spec in values(), at in any::<prop::sample::Index>(), in_live in any::<bool>()) {
        let (mut manifest, mut live) = applied(&json!({"field": spec}));
        let mut found = Vec::new();
        leaves(&manifest["spec"], "/spec", &mut found);
        let side = if in_live { &mut live } else { &mut manifest };
        let leaf = side.pointer_mut(at.get(found.as_slice()).as_str()).unwrap();
        *leaf = another(leaf);
        prop_assert!(!prove(manifest, live).holds());
    }

    #[test]
    fn no_leaf_that_comes_or_goes_is_ever_proven(spec in values(), goes in any::<bool>()) {
        let whole = json!({"field": spec, "other": 1});
        let part = json!({"field": spec});
        let (manifest, live) = if goes {
            (applied(&part).0, applied(&whole).1)
        } else {
            (applied(&whole).0, applied(&part).1)
        };
        prop_assert!(!prove(manifest, live).holds());
    }
}
