//! What is refused before anything is written.

use serde_json::{Value, json};
use testkit::lab::Webhook;

use crate::manifests::Manifests;
use crate::place::Place;

/// Releases, then tries these manifests: refused with all these words, and nothing is written.
#[track_caller]
fn refused(namespace: &'static str, change: impl FnOnce(&Place, &mut Manifests), words: &[&str]) {
    let place = Place::new(namespace);
    place.well("deploy v1.0.0 --yes");
    let mut manifests = place.manifests("debug");
    change(&place, &mut manifests);
    place.release(&manifests);
    let mut ended = place.run("deploy --yes").expect(4);
    for word in words {
        ended = ended.says(word);
    }
    ended.says("nothing was changed");
    assert_eq!(place.ends(), ["succeeded"]);
    assert_eq!(place.live_level(), "info");
    assert_eq!(place.open_operation(), None);
}

#[test]
fn a_version_that_the_registry_does_not_have() {
    let place = Place::new("no-image");
    place
        .run("deploy v9.9.9 --yes")
        .expect(1)
        .says("v9.9.9 is not there");
    assert_eq!(place.json("history")["releases"], json!([]));
}

#[test]
fn a_key_that_a_configuration_does_not_have() {
    let reference = json!({"configMapKeyRef": {"name": "settings", "key": "nothing"}});
    let change = |_: &Place, it: &mut Manifests| {
        it.container()["env"] = json!([{"name": "LEVEL", "valueFrom": reference}]);
    };
    refused("no-key", change, &["reference-missing", "'nothing'"]);
}

#[test]
fn a_field_that_is_immutable_and_whatever_else_is_wrong_all_at_once() {
    let change = |_: &Place, it: &mut Manifests| {
        it.web["spec"]["selector"]["matchLabels"]["tier"] = json!("front");
        it.web["spec"]["template"]["metadata"]["labels"]["tier"] = json!("front");
        it.more.push(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"ports": [{"port": 800_000}], "selector": {"app": "web"}}}),
        );
    };
    let words = [
        "immutable-field",
        "manifest-invalid",
        "Deployment",
        "Service",
    ];
    refused("immutable", change, &words);
}

#[test]
fn a_quota_that_leaves_no_room_for_the_pod_of_the_roll_out() {
    let change = |place: &Place, _: &mut Manifests| {
        let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota",
            "metadata": {"name": "few", "namespace": "headroom"}, "spec": {"hard": {"pods": "1"}}});
        place.ground.lab.apply(&quota.to_string()).unwrap();
        let full = "wait resourcequota/few --for=jsonpath={.status.used.pods}=1 --timeout=60s";
        place.kubectl(full);
    };
    refused("headroom", change, &["quota-headroom", "pods"]);
}

#[test]
fn a_webhook_that_says_no_to_an_object() {
    let mut webhook = None;
    let change = |place: &Place, it: &mut Manifests| {
        let started = Webhook::start(&place.ground.lab).unwrap();
        let configuration = started.configuration("webhook-early", "services");
        place.ground.lab.apply(&configuration.to_string()).unwrap();
        webhook = Some(started);
        it.more.push(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"ports": [{"port": 80}], "selector": {"app": "web"}}}),
        );
    };
    refused("webhook-early", change, &["admission-refused", "not today"]);
}

#[test]
fn a_definition_that_is_none_and_an_object_that_its_definition_forbids() {
    let place = Place::new("definitions");
    place.well("deploy v1.0.0 --yes");
    let mut manifests = place.manifests("info");
    let mut broken = definition();
    broken["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = json!({"type": "strange"});
    manifests.more.push(broken);
    place.release(&manifests);
    place
        .run("deploy --yes")
        .expect(4)
        .says("manifest-invalid")
        .says("strange");

    // Its objects can't be tried before the definition is there: they are applied right after it.
    manifests.more = vec![definition(), widget("definitions", json!(7))];
    place.release(&manifests);
    place.well("deploy --yes");
    let size = place.kubectl("get widget/one --output jsonpath={.spec.size}");
    assert_eq!(size, "7");
    manifests.more[1] = widget("definitions", json!("seven"));
    place.release(&manifests);
    let refused = place.run("deploy --yes").expect(4);
    refused.says("manifest-invalid").says("spec.size");
    assert_eq!(place.ends(), ["succeeded"; 2]);
}

fn definition() -> Value {
    let size = json!({"type": "object", "properties": {"size": {"type": "integer"}}});
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.org"}, "spec": {"group": "example.org", "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "properties": {"spec": size}}}}]}})
}

fn widget(namespace: &str, size: Value) -> Value {
    json!({"apiVersion": "example.org/v1", "kind": "Widget",
        "metadata": {"name": "one", "namespace": namespace}, "spec": {"size": size}})
}
