//! From manifests to what is really applied: stamped with its owner, and leaving to others what is theirs.

use serde_json::{Value, json};

use crate::names::{EnvironmentName, OperationId};
use crate::workloads::{Object, ObjectRef};

use super::gate::Hold;
use super::release::ReleaseNumber;

/// Says who looks after an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`], and the name under which fields are owned.
pub const OPSCTL: &str = "opsctl";
/// The environment that an object belongs to.
pub const ENVIRONMENT: &str = "opsctl/environment";
/// The release that wrote an object last.
pub const RELEASE: &str = "opsctl/release";
/// The operation that wrote an object last.
pub const OPERATION: &str = "opsctl/operation";

/// What marks an object as ours. It is no part of what is compared: an object that nothing else changes keeps its mark.
#[derive(Debug, Clone)]
pub struct Stamp<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// The release.
    pub release: ReleaseNumber,
    /// The operation.
    pub operation: &'a OperationId,
    /// How the roll-out is held, where a gate is to look at it.
    pub hold: Option<Hold>,
}

impl Stamp<'_> {
    /// Puts the mark on an object.
    pub fn put(&self, object: &mut Object) {
        let metadata = &mut object.0["metadata"];
        metadata["labels"][MANAGED_BY] = json!(OPSCTL);
        let annotations = &mut metadata["annotations"];
        annotations[ENVIRONMENT] = json!(self.environment);
        annotations[RELEASE] = json!(self.release.to_string());
        annotations[OPERATION] = json!(self.operation);
        if let Some(hold) = &self.hold {
            hold.put(object, &self.release.to_string());
        }
    }
}

/// Gives a manifest the marks that the live object bears, so that only the rest is compared.
pub fn wear_the_marks_of(live: &Object, manifest: &mut Object) {
    manifest.0["metadata"]["labels"][MANAGED_BY] = json!(OPSCTL);
    for mark in [ENVIRONMENT, RELEASE, OPERATION] {
        if let Some(value) = live.annotation(mark) {
            manifest.0["metadata"]["annotations"][mark] = json!(value);
        }
    }
}

/// How many replicas a scaled workload has is its autoscaler's to say, once it lives: the live number is kept.
///
/// Leaving the field out would not do: whoever owned it alone and leaves it out resets it to 1.
pub fn leave_the_scale(manifest: &mut Object, live: &Object, scalers: &[Object]) {
    let own = manifest.reference();
    let scaled = scalers.iter().any(|scaler| scales(scaler, &own));
    if let Some(replicas) = live.0.pointer("/spec/replicas").filter(|_| scaled) {
        manifest.0["spec"]["replicas"] = replicas.clone();
    }
}

fn scales(scaler: &Object, workload: &ObjectRef) -> bool {
    scaler.text("/spec/scaleTargetRef/kind") == workload.kind.kind
        && scaler.text("/spec/scaleTargetRef/name") == workload.name
        && scaler.find("/metadata/namespace") == workload.namespace.as_deref()
}

/// Gives every container that names one of the images its reference, digest and all.
pub fn set_images(manifest: &mut Object, images: &std::collections::BTreeMap<String, String>) {
    for path in [
        "/spec/template/spec",
        "/spec/jobTemplate/spec/template/spec",
        "/spec",
    ] {
        let Some(pod) = manifest.0.pointer_mut(path) else {
            continue;
        };
        for list in ["initContainers", "containers"] {
            let containers = pod.get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                let named = container["image"]
                    .as_str()
                    .and_then(|name| images.get(name));
                if let Some(reference) = named {
                    container["image"] = json!(reference);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(replicas: u32) -> Object {
        Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "api", "namespace": "app"},
            "spec": {"replicas": replicas, "template": {"spec": {
                "initContainers": [{"name": "wait", "image": "other:1"}],
                "containers": [{"name": "api", "image": "app"}],
            }}},
        }))
    }

    fn scaler(of: &str) -> Object {
        Object(json!({
            "kind": "HorizontalPodAutoscaler", "metadata": {"namespace": "app"},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": of}},
        }))
    }

    #[test]
    fn what_the_autoscaler_chose_is_kept() {
        let mut manifest = deployment(3);
        leave_the_scale(&mut manifest, &deployment(7), &[scaler("api")]);
        assert_eq!(manifest.number("/spec/replicas"), 7);
    }

    #[test]
    fn nobody_else_has_a_say_in_replicas() {
        let mut manifest = deployment(3);
        leave_the_scale(&mut manifest, &deployment(7), &[scaler("worker")]);
        assert_eq!(manifest.number("/spec/replicas"), 3);
    }

    #[test]
    fn only_containers_that_name_an_image_of_ours_get_it() {
        let mut manifest = deployment(3);
        let images = [("app".to_owned(), "registry/app@sha256:0".to_owned())];
        set_images(&mut manifest, &images.into());
        let pod = &manifest.0["spec"]["template"]["spec"];
        assert_eq!(pod["containers"][0]["image"], "registry/app@sha256:0");
        assert_eq!(pod["initContainers"][0]["image"], "other:1");
    }
}
