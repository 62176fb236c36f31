//! What Fluent Bit hands over of one line: the record that its documentation says (inputs/tail with the parser `cri`, filters/kubernetes
//! with `merge_log`, outputs/http with `format json`).

use serde_json::{Map, Value, json};

use super::shipper::Shipper;

/// When containerd wrote it down: never what the service says itself.
const WRITTEN: &str = "2026-01-02T03:04:05.678901234Z";

/// A line of a container.
pub fn of(line: &str, shipper: &Shipper) -> Map<String, Value> {
    let mut record = Map::new();
    record.insert(shipper.time_key().to_owned(), WRITTEN.into());
    let around = [("time", WRITTEN), ("stream", "stderr"), ("_p", "F")];
    for (name, value) in around {
        record.insert(name.to_owned(), value.into());
    }
    record.insert("kubernetes".into(), pod());
    match serde_json::from_str::<Map<String, Value>>(line) {
        // Merged into the record, whose own fields of the same name they replace.
        Ok(fields) if shipper.merges() => record.extend(fields),
        _ => drop(record.insert("log".into(), line.into())),
    }
    record
}

/// What the API server knows of the pod. Names of labels have dots, and one may be the beginning of another.
fn pod() -> Value {
    json!({
        "pod_name": "api-5c9f8d7b6-abcde", "namespace_name": "platform", "container_name": "app", "host": "a-node",
        "pod_id": "00000000-0000-0000-0000-000000000000", "docker_id": "0", "container_image": "app", "pod_ip": "10.0.0.1",
        "labels": {"app": "api", "app.kubernetes.io/name": "api", "app.kubernetes.io/part-of": "platform", "pod-template-hash": "5c9f8d7b6"},
    })
}

/// A notification of Alertmanager's webhook, version 4.
pub fn of_an_alert() -> Map<String, Value> {
    let labels = json!({"alertname": "SlowStatements", "service": "api", "severity": "P4"});
    let alert = json!({
        "status": "firing", "labels": labels, "annotations": {"summary": "statements are slow", "runbook_url": "https://runbooks.example.com"},
        "startsAt": "2026-01-02T03:04:05.678Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus/graph", "fingerprint": "0011223344556677",
    });
    let notification = json!({
        "version": "4", "groupKey": "{}:{alertname=\"SlowStatements\"}", "truncatedAlerts": 0, "status": "firing", "receiver": "review",
        "groupLabels": {"alertname": "SlowStatements"}, "commonLabels": labels, "commonAnnotations": {}, "externalURL": "http://alertmanager",
        "alerts": [alert, alert],
    });
    notification.as_object().cloned().unwrap_or_default()
}
