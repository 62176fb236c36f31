//! What stands beside the platform and watches it: everything that is mounted is there, everybody shows a certificate, logs stay as long
//! as the specification says.

use serde_json::Value;

use super::overlays::{MONITORING, filled_from, repository};

/// Secrets that people make, by hand or from Secrets Manager: k8s/README.md lists them.
const BY_HAND: [&str; 9] = [
    "alertmanager",
    "elasticsearch",
    "grafana",
    "jaeger",
    "kibana",
    "log-setup",
    "logstash",
    "postgres-exporter",
    "redis-exporter",
];

fn workloads(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects
        .iter()
        .filter(|it| it["spec"]["template"]["spec"]["containers"].is_array())
}

fn names(objects: &[Value], kind: &str, field: &str) -> Vec<(String, String)> {
    let of_kind = objects.iter().filter(|it| it["kind"] == kind);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of_kind
        .map(|it| {
            (
                text(&it["metadata"]["namespace"]),
                text(it.pointer(field).unwrap()),
            )
        })
        .collect()
}

#[test]
fn every_file_that_a_pod_mounts_is_there() {
    let readme = std::fs::read_to_string(repository().join("k8s/README.md")).unwrap();
    for folder in MONITORING {
        let objects = filled_from(folder);
        let files = names(&objects, "ConfigMap", "/metadata/name");
        let issued = names(&objects, "Certificate", "/spec/secretName");
        for workload in workloads(&objects) {
            let place = workload["metadata"]["namespace"]
                .as_str()
                .unwrap()
                .to_owned();
            let volumes = workload["spec"]["template"]["spec"]["volumes"].as_array();
            for volume in volumes.into_iter().flatten() {
                if let Some(name) = volume["configMap"]["name"].as_str() {
                    assert!(
                        files.contains(&(place.clone(), name.to_owned())),
                        "{place} {name}"
                    );
                }
                if let Some(name) = volume["secret"]["secretName"].as_str() {
                    let is_issued = issued.contains(&(place.clone(), name.to_owned()));
                    let told = readme.contains(&format!("`{name}`"));
                    assert!(
                        is_issued || (BY_HAND.contains(&name) && told),
                        "{place} {name}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_image_has_a_version_and_every_container_a_limit() {
    for folder in MONITORING {
        for workload in workloads(&filled_from(folder)) {
            let containers = &workload["spec"]["template"]["spec"]["containers"];
            let container = &containers[0];
            let image = container["image"].as_str().unwrap();
            let tag = image.rsplit(':').next().unwrap();
            // opsctl's own is named by whoever deploys, by its digest.
            assert!(image == "opsctl" || tag.contains('.'), "{image}");
            assert!(
                container["resources"]["limits"]["memory"].is_string(),
                "{image}"
            );
            assert_eq!(
                container["securityContext"]["readOnlyRootFilesystem"], true,
                "{image}"
            );
            assert_eq!(
                container["securityContext"]["allowPrivilegeEscalation"], false,
                "{image}"
            );
        }
    }
}

#[test]
fn nobody_speaks_to_anybody_by_default() {
    for folder in MONITORING {
        let objects = filled_from(folder);
        let closed = objects.iter().filter(|it| {
            let spec = &it["spec"];
            it["kind"] == "NetworkPolicy"
                && spec["podSelector"] == serde_json::json!({})
                && spec["policyTypes"] == serde_json::json!(["Ingress", "Egress"])
                && spec.get("ingress").is_none()
                && spec.get("egress").is_none()
        });
        let mut closed: Vec<&str> = closed
            .filter_map(|it| it["metadata"]["namespace"].as_str())
            .collect();
        closed.sort_unstable();
        assert_eq!(closed, ["monitoring", "monitoring-nodes"]);
    }
}

#[test]
fn logs_are_at_hand_for_30_days_and_archived_for_90_more() {
    let read = |file: &str| -> Value {
        let path = repository().join("infra/monitoring/logs").join(file);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let leaves = &read("lifecycle.json")["policy"]["phases"]["delete"];
    assert_eq!(leaves["min_age"], "30d");
    // Nothing leaves before the archive has it.
    assert_eq!(leaves["actions"]["wait_for_snapshot"]["policy"], "archive");
    assert_eq!(read("archive.json")["retention"]["expire_after"], "120d");
    let template = read("template.json");
    assert_eq!(
        template["template"]["settings"]["index.lifecycle.name"],
        "platform-logs"
    );
    let fields = &template["template"]["mappings"]["properties"];
    for field in [
        "timestamp",
        "level",
        "service",
        "request_id",
        "user_id",
        "error",
        "duration",
    ] {
        assert!(fields[field].is_object(), "{field}");
    }
}
