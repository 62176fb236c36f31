//! Pods that may not even be made.

use serde_json::json;
use testkit::lab::Webhook;

use super::Broken;
use crate::figures::Sign;

const NOT_MADE: Sign = Sign::Event("FailedCreate", "");

#[test]
fn a_quota_that_comes_with_the_release_and_is_too_small_for_it() {
    let broken = Broken::by("quota", |_, it| {
        it.more
            .push(json!({"apiVersion": "v1", "kind": "ResourceQuota",
            "metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}}));
    })
    .of("quota-exceeded", NOT_MADE);
    let quotas = &broken.evidence()["quotas"];
    assert_eq!(quotas[0]["name"], "few", "{quotas}");
    assert_eq!(quotas[0]["hard"]["pods"], "1", "{quotas}");
    let left = broken.place.kubectl("get resourcequotas --output name");
    assert_eq!(left, "", "going back takes the new quota away");
}

#[test]
fn pods_that_pod_security_does_not_let_in() {
    Broken::by("pod-security", |_, it| {
        it.namespace["metadata"]["labels"] =
            json!({"pod-security.kubernetes.io/enforce": "restricted"});
    })
    .of("pod-security-refused", NOT_MADE);
}

#[test]
fn a_webhook_that_says_no_to_pods() {
    let mut webhook = None;
    let broken = Broken::by("webhook", |place, _| {
        let lab = &place.ground.lab;
        let started = Webhook::start(lab).unwrap();
        let configuration = started.configuration("webhook", "pods");
        lab.apply(&configuration.to_string()).unwrap();
        webhook = Some(started);
    })
    .of("admission-refused", NOT_MADE);
    let finding = broken.evidence()["findings"][0]["message"].to_string();
    assert!(
        finding.contains("denied the request: not today"),
        "{finding}"
    );
}
