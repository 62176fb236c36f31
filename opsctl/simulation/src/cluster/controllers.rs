//! What the controllers of a cluster make of a Deployment, at once.

use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use serde_json::json;

use super::{Fate, Inner};

impl Inner {
    /// Makes the replica set and the pods of a Deployment that was written, and its state.
    pub fn reconcile(&mut self, name: &ObjectRef) {
        if name.kind.kind != "Deployment" {
            return;
        }
        let Some(deployment) = self.objects.get(name).cloned() else {
            return;
        };
        let image = deployment
            .text("/spec/template/spec/containers/0/image")
            .to_owned();
        let serves = self.fates.get(&image).copied().unwrap_or(Fate::Serves) == Fate::Serves;
        // A new pod is available only after a while: time stands still here.
        let held = deployment.number("/spec/minReadySeconds") > 0;
        let set = self.replica_set(&deployment);
        if serves && !held {
            self.retire_others(&deployment, &set);
        }
        let replicas = deployment.number("/spec/replicas").max(1);
        // A roll-out that fails, or is held, stops at its first new pod.
        let done = serves && !held;
        let made = if done { replicas } else { 1 };
        for number in 0..made {
            self.pod(&deployment, &set, number, serves);
        }
        let version = self.next_version();
        let ready = if done { replicas } else { 0 };
        if let Some(live) = self.objects.get_mut(name) {
            live.0["metadata"]["resourceVersion"] = json!(version);
            live.0["status"] = json!({
                "observedGeneration": deployment.number("/metadata/generation"),
                "replicas": if done { replicas } else { replicas + 1 },
                "updatedReplicas": made, "readyReplicas": ready, "availableReplicas": ready,
                "unavailableReplicas": made - ready,
            });
        }
    }

    fn replica_set(&mut self, deployment: &Object) -> Object {
        let generation = deployment.number("/metadata/generation");
        let name = format!("{}-{generation}", deployment.text("/metadata/name"));
        let replicas = deployment.number("/spec/replicas").max(1);
        let (id, version) = (self.next_id(), self.next_version());
        let object = Object(json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {
                "name": name, "namespace": deployment.text("/metadata/namespace"), "uid": id,
                "generation": 1, "resourceVersion": version,
                "creationTimestamp": "2026-11-23T12:00:00Z",
                "annotations": {"deployment.kubernetes.io/revision": generation.to_string()},
                "ownerReferences": [{"kind": "Deployment", "apiVersion": "apps/v1", "controller": true,
                    "name": deployment.text("/metadata/name"), "uid": deployment.uid()}],
            },
            "spec": {"replicas": replicas, "template": deployment.0["spec"]["template"]},
            "status": {"observedGeneration": 1, "replicas": replicas},
        }));
        self.objects.insert(object.reference(), object.clone());
        object
    }

    /// Takes the earlier replica sets' pods away.
    fn retire_others(&mut self, deployment: &Object, kept: &Object) {
        let sets: Vec<String> = self
            .objects
            .values()
            .filter(|it| it.controller() == Some(deployment.uid()) && it.uid() != kept.uid())
            .map(|it| it.uid().to_owned())
            .collect();
        self.objects.retain(|_, object| {
            let of_old = object
                .controller()
                .is_some_and(|it| sets.iter().any(|set| set == it));
            !of_old && !sets.iter().any(|set| set == object.uid())
        });
    }

    fn pod(&mut self, deployment: &Object, set: &Object, number: i64, serves: bool) {
        let image = deployment.text("/spec/template/spec/containers/0/image");
        let (id, version) = (self.next_id(), self.next_version());
        let waiting = json!({"waiting": {"reason": "ImagePullBackOff",
            "message": format!("Back-off pulling image \"{image}\": ErrImagePull: rpc error: code = NotFound desc = \
                failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found")}});
        let running = json!({"running": {"startedAt": "2026-11-23T12:00:00Z"}});
        let name = format!("{}-{number}", set.text("/metadata/name"));
        let container = deployment.text("/spec/template/spec/containers/0/name");
        let object = Object(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": set.text("/metadata/namespace"), "uid": id,
                "resourceVersion": version, "creationTimestamp": "2026-11-23T12:00:00Z",
                "ownerReferences": [{"kind": "ReplicaSet", "apiVersion": "apps/v1", "controller": true,
                    "name": set.text("/metadata/name"), "uid": set.uid()}]},
            "spec": deployment.0["spec"]["template"]["spec"],
            "status": {
                "phase": if serves { "Running" } else { "Pending" },
                "conditions": [{"type": "Ready", "status": if serves { "True" } else { "False" }},
                    {"type": "PodScheduled", "status": "True"}],
                "containerStatuses": [{"name": container, "image": image, "ready": serves, "started": serves,
                    "restartCount": 0, "state": if serves { running } else { waiting }}],
            },
        }));
        self.objects.insert(object.reference(), object);
    }

    /// Takes away what hangs on something that is gone.
    pub fn collect(&mut self) {
        loop {
            let ids: Vec<String> = self
                .objects
                .values()
                .map(|it| it.uid().to_owned())
                .collect();
            let before = self.objects.len();
            self.objects.retain(|_, object| {
                object
                    .controller()
                    .is_none_or(|owner| ids.iter().any(|id| id == owner))
            });
            if self.objects.len() == before {
                return;
            }
        }
    }

    /// Whether a kind lives in namespaces; `None`: the server does not know it.
    pub fn namespaced(kind: &ObjectKind) -> Option<bool> {
        match kind.kind.as_str() {
            "Namespace" => Some(false),
            "Unknown" => None,
            _ => Some(true),
        }
    }
}
