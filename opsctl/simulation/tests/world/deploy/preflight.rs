//! What would fail is found before anything is written.

use opsctl_core::FailureKind;
use opsctl_core::workloads::Object;
use serde_json::json;

use super::stage::{Stage, objects};

#[tokio::test]
async fn everything_that_would_fail_is_told_at_once_and_nothing_is_written() {
    let stage = Stage::new();
    let mut manifests = objects();
    manifests[1].0["spec"]["template"]["spec"]["volumes"] =
        json!([{"name": "keys", "secret": {"secretName": "nowhere"}}]);
    manifests.push(Object(json!({
        "apiVersion": "example.org/v1", "kind": "Unknown",
        "metadata": {"name": "odd", "namespace": "app"},
    })));
    let failure = stage
        .plan("deploy-1", manifests, "app:1")
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    let causes = failure.causes.join("\n");
    assert!(causes.contains("Secret app/nowhere"), "{causes}");
    assert!(causes.contains("no such resource"), "{causes}");
    assert!(stage.cluster.changes().is_empty());
    assert!(stage.history().await.is_empty());
}

#[tokio::test]
async fn a_secret_in_the_manifests_is_refused_and_not_repeated() {
    let stage = Stage::new();
    let mut manifests = objects();
    manifests.push(Object(json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "keys", "namespace": "app"}, "stringData": {"key": "hunter2"},
    })));
    let failure = stage
        .plan("deploy-1", manifests, "app:1")
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert!(!format!("{failure:?}").contains("hunter2"));
}
