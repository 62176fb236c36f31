//! The objects of one run.

use serde_json::{Value, json};

use super::RunnerFiles;
use crate::environment::RunnerSettings;
use crate::workloads::Object;

/// The container, and what its objects are labelled as.
pub const NAME: &str = "opsctl";
/// The user of our images.
const NOBODY: u32 = 65_532;
/// A step may take its time to come to its boundary.
const GRACE: u32 = 600;
/// Where it works.
const WORK: &str = "/work";
/// A finished run can be looked at for a day.
const KEPT: u32 = 86_400;

/// One run of a command in the cluster.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// What its objects are called.
    pub name: &'a str,
    /// Where and as whom.
    pub settings: &'a RunnerSettings,
    /// The words behind `opsctl`.
    pub words: &'a [String],
    /// Who asked for it: the journal names them.
    pub principal: &'a str,
    /// What it reads.
    pub files: &'a RunnerFiles,
}

impl Errand<'_> {
    /// The configuration, and the Job that mounts it. Whoever deletes the Job need not think of the other.
    #[must_use]
    pub fn objects(&self) -> [Object; 2] {
        [self.configuration_map(), self.job()].map(Object)
    }

    /// The configuration alone.
    pub(crate) fn configuration_map(&self) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": self.metadata(), "immutable": true,
            "data": self.files.data(),
        })
    }

    fn job(&self) -> Value {
        json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": self.metadata(),
            "spec": {
                // Going on is `operation resume`, by somebody who has looked.
                "backoffLimit": 0,
                // A pod that is asked to stop has not failed: how it ended is known when it has ended.
                "podReplacementPolicy": "Failed",
                "ttlSecondsAfterFinished": KEPT,
                "template": {"metadata": {"labels": {"app.kubernetes.io/name": NAME}}, "spec": self.pod()},
            },
        })
    }

    fn metadata(&self) -> Value {
        let labels = json!({"app.kubernetes.io/name": NAME});
        json!({"name": self.name, "namespace": self.settings.namespace, "labels": labels})
    }

    /// The pod alone: what makes Jobs of its own makes them of this one.
    pub(crate) fn pod(&self) -> Value {
        json!({
            "serviceAccountName": self.settings.service_account,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": GRACE,
            "enableServiceLinks": false,
            "securityContext": {"runAsNonRoot": true, "runAsUser": NOBODY, "runAsGroup": NOBODY, "fsGroup": NOBODY,
                "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [self.container()],
            "volumes": [{"name": "work", "emptyDir": {}}, {"name": "configuration", "configMap": {"name": self.name}}],
        })
    }

    fn container(&self) -> Value {
        let secret = self.settings.variables.as_ref();
        let variables: Vec<Value> = secret
            .map(|name| json!({"secretRef": {"name": name}}))
            .into_iter()
            .collect();
        let work = json!({"name": "work", "mountPath": WORK});
        let mounts: Vec<Value> = std::iter::once(work)
            .chain(self.files.mounts(WORK))
            .collect();
        json!({
            "name": NAME,
            "image": self.settings.image,
            "args": self.words,
            "workingDir": WORK,
            "env": [{"name": "USER", "value": self.principal}, {"name": "HOME", "value": WORK}],
            "envFrom": variables,
            "resources": {"requests": {"cpu": "250m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": mounts,
        })
    }
}
