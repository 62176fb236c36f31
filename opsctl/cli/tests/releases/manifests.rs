//! The manifests that the tests release.

use serde_json::{Value, json};

/// A namespace, a configuration, and a workload that says when it is ready.
#[derive(Debug, Clone)]
pub struct Manifests {
    pub namespace: Value,
    pub settings: Value,
    pub web: Value,
    /// Whatever else.
    pub more: Vec<Value>,
}

impl Manifests {
    /// As they serve.
    pub fn of(namespace: &str, level: &str, replicas: u32) -> Self {
        let container = json!({"name": "web", "image": "app", "args": ["serve", "8080"],
            "env": [{"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "level"}}}],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}});
        Self {
            namespace: json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
            settings: json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"},
                "data": {"level": level}}),
            web: json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
                "replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
                "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
                "template": {"metadata": {"labels": {"app": "web"}, "annotations": {"level": level}},
                    "spec": {"terminationGracePeriodSeconds": 1, "automountServiceAccountToken": false, "containers": [container]}}}}),
            more: Vec::new(),
        }
    }

    /// The pods of the workload.
    pub fn pod(&mut self) -> &mut Value {
        &mut self.web["spec"]["template"]["spec"]
    }

    /// Their container.
    pub fn container(&mut self) -> &mut Value {
        &mut self.pod()["containers"][0]
    }

    /// A job whose program is told so.
    pub fn job(&mut self, name: &str, arguments: [&str; 2]) {
        self.more.push(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {
            "backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1,
                "containers": [{"name": "hook", "image": "app", "args": arguments}]}}}}));
    }

    /// Nobody asks the pods whether they are ready.
    pub fn without_a_probe(&mut self) {
        let container = self.container().as_object_mut().unwrap();
        container.remove("readinessProbe");
    }

    /// As a file.
    pub fn text(&self) -> String {
        let own = [&self.namespace, &self.settings, &self.web].into_iter();
        let texts: Vec<String> = own.chain(&self.more).map(Value::to_string).collect();
        texts.join("\n---\n")
    }
}
