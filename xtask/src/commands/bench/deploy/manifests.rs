//! The objects that are deployed: the same for every tool.

use serde_json::{Value, json};

/// A configuration, a service and three pods that answer. Another level is another pod.
pub fn workload(image: &str, level: &str) -> String {
    written(&objects(image, level, &json!(["/probe"])))
}

/// The same, but its program is not in the image.
pub fn broken(image: &str, level: &str) -> String {
    written(&objects(image, level, &json!(["/nowhere"])))
}

/// As many configurations.
pub fn many(count: u32) -> String {
    let one = |number| {
        let name = format!("settings-{number}");
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"app": "many"}},
            "data": {"level": "info", "number": format!("{number}"), "text": "x".repeat(200)}})
    };
    let all: Vec<Value> = (0..count).map(one).collect();
    written(&all)
}

fn objects(image: &str, level: &str, command: &Value) -> [Value; 3] {
    let container = json!({"name": "web", "image": image, "command": command, "args": ["serve", "8080"],
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}});
    let pod = json!({"terminationGracePeriodSeconds": 1, "containers": [container]});
    [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"level": level}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
            "replicas": 3, "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {"metadata": {"labels": {"app": "web"}, "annotations": {"level": level}}, "spec": pod}}}),
    ]
}

/// Begins as YAML does: kubectl takes what begins with a brace for JSON, and knows no second document there.
fn written(objects: &[Value]) -> String {
    let texts: Vec<String> = objects.iter().map(Value::to_string).collect();
    format!("---\n{}\n", texts.join("\n---\n"))
}
