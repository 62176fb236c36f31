//! Pods that find no place: no node, no volume.

use serde_json::{Value, json};

use super::Broken;
use crate::figures::Sign;
use crate::manifests::Manifests;

/// The environment's `grace`.
const GRACE: f64 = 10.0;

#[test]
fn a_pod_that_fits_no_node() {
    let broken = Broken::by("unschedulable", |_, it| {
        it.container()["resources"] = json!({"requests": {"cpu": "500"}});
    })
    .after(GRACE, "unschedulable", Sign::Event("FailedScheduling", ""));
    let told = broken.said.matches("warning: unschedulable").count();
    assert_eq!(told, 1, "{}", broken.said);
}

#[test]
fn a_volume_of_a_class_that_is_not_there() {
    Broken::by("no-class", |_, it| claim(it, json!("nowhere"))).of(
        "volume-pending",
        Sign::Event("ProvisioningFailed", "nowhere"),
    );
}

#[test]
fn a_volume_that_nobody_makes() {
    Broken::by("no-volume", |_, it| claim(it, json!(""))).after(
        GRACE,
        "volume-pending",
        Sign::Event("FailedScheduling", ""),
    );
}

fn claim(manifests: &mut Manifests, class: Value) {
    manifests
        .more
        .push(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "storageClassName": class, "resources": {"requests": {"storage": "1Gi"}}}}));
    manifests.pod()["volumes"] =
        json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
}
