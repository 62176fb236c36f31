//! Every way in which the API server says no to an object, and the class of each.

use anyhow::Result;
use opsctl_core::ports::{Cluster, Refusal, RefusalReason};
use opsctl_core::workloads::Object;
use serde_json::{Value, json};
use testkit::lab::Webhook;

use crate::objects::{config_map, deployment, pod};
use crate::stage::{Stage, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_wrong_or_unknown_is_invalid() -> Result<()> {
    let stage = Stage::new("invalid").await?;
    let mut unknown = deployment("invalid", "a");
    unknown.0["spec"]["replics"] = json!(1);
    let mut of_another_type = deployment("invalid", "b");
    of_another_type.0["spec"]["replicas"] = json!("two");
    let mut out_of_range = deployment("invalid", "c");
    out_of_range.0["spec"]["replicas"] = json!(-1);
    let no_name = config_map("invalid", "", json!({}));
    let path = config_map("invalid", "../a", json!({}));
    let emoji = config_map("invalid", "🙂", json!({}));
    let mut nowhere = config_map("invalid", "d", json!({}));
    nowhere.0["metadata"]["namespace"] = Value::Null;
    for (object, word) in [
        (unknown, "replics"),
        (of_another_type, "replicas"),
        (out_of_range, "spec.replicas"),
        (no_name, "name"),
        (path, "name"),
        (emoji, "metadata.name"),
        (nowhere, "namespace"),
    ] {
        let refusal = stage.refused(&object).await?;
        assert_eq!(refusal.reason, RefusalReason::Invalid, "{refusal}");
        assert!(refusal.message.contains(word), "{word}: {refusal}");
        assert_eq!(refusal.object, object.reference());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_changed_in_place_is_immutable() -> Result<()> {
    let stage = Stage::new("immutable").await?;
    for (object, pointer, value) in [
        (
            deployment("immutable", "a"),
            "/spec/selector/matchLabels",
            json!({"app": "a", "x": "y"}),
        ),
        (stateful_set(), "/spec/serviceName", json!("other")),
        (
            job(),
            "/spec/template/spec/containers/0/image",
            json!("local/pause:2"),
        ),
        (service(), "/spec/clusterIP", json!("198.19.77.77")),
        (fixed(), "/data/a", json!("2")),
        (
            secret(json!({"a": "1"})),
            "/type",
            json!("kubernetes.io/other"),
        ),
        (
            pod("immutable", "waits"),
            "/spec/containers/0/command",
            json!(["/other"]),
        ),
    ] {
        let kind = object.reference();
        eventually("the first version is taken", async || {
            Ok(stage
                .cluster
                .apply(&stage.grant.permit(), &object)
                .await?
                .ok())
        })
        .await?;
        let mut changed = object;
        let labels = pointer.ends_with("matchLabels");
        if labels {
            changed.0["spec"]["template"]["metadata"]["labels"] = value.clone();
        }
        set(&mut changed, pointer, value);
        let refusal = stage.refused(&changed).await?;
        assert_eq!(
            refusal.reason,
            RefusalReason::Immutable,
            "{kind}: {refusal}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_not_there_is_unknown_at_once_for_all_of_it() -> Result<()> {
    let stage = Stage::new("unknown").await?;
    let widgets: Vec<_> = (0..50)
        .map(|n| {
            Object(json!({"apiVersion": "example.org/v1", "kind": "Widget",
            "metadata": {"name": format!("w{n}"), "namespace": "unknown"}}))
        })
        .collect();
    let before = stage.cluster.requests();
    for answer in stage.cluster.preview(&widgets).await? {
        let refusal = answer.expect_err("it was taken");
        assert_eq!(refusal.reason, RefusalReason::UnknownKind);
        assert_eq!(refusal.message, "this server has no example.org/v1 Widget");
    }
    assert_eq!(stage.cluster.requests() - before, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_is_missing_or_going_away_is_named() -> Result<()> {
    let stage = Stage::new("leaving").await?;
    let missing = stage
        .refused(&config_map("no-such-namespace", "a", json!({})))
        .await?;
    assert_eq!(missing.reason, RefusalReason::Namespace, "{missing}");
    let mut held = config_map("leaving", "held", json!({}));
    held.0["metadata"]["finalizers"] = json!(["example.org/hold"]);
    stage.apply(&held).await?;
    stage.kubectl(&["delete", "namespace", "leaving", "--wait=false"])?;
    let leaving = refused_at_last(&stage, &config_map("leaving", "new", json!({}))).await?;
    assert_eq!(leaving.reason, RefusalReason::Namespace, "{leaving}");
    stage.kubectl(&[
        "patch",
        "configmap/held",
        "--type=merge",
        "--patch",
        r#"{"metadata":{"finalizers":null}}"#,
    ])?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_is_a_quota() -> Result<()> {
    let stage = Stage::new("quota").await?;
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": "quota"},
        "spec": {"hard": {"count/secrets": "0"}}});
    stage.apply(&Object(quota)).await?;
    let mut wanted = secret(json!({"a": "1"}));
    wanted.0["metadata"]["namespace"] = json!("quota");
    let refusal = refused_at_last(&stage, &wanted).await?;
    assert_eq!(refusal.reason, RefusalReason::Quota, "{refusal}");
    assert!(refusal.message.contains("exceeded quota: few"), "{refusal}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_may_too_much_is_refused_by_pod_security() -> Result<()> {
    let stage = Stage::new("restricted").await?;
    stage.kubectl(&[
        "label",
        "namespace",
        "restricted",
        "pod-security.kubernetes.io/enforce=restricted",
    ])?;
    let refusal = eventually("the pod has its service account", async || {
        let refusal = stage.refused(&pod("restricted", "a")).await?;
        Ok((!refusal.message.contains("serviceaccount")).then_some(refusal))
    });
    let refusal = refusal.await?;
    assert_eq!(refusal.reason, RefusalReason::PodSecurity, "{refusal}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_and_a_policy_that_say_no_are_admission() -> Result<()> {
    let stage = Stage::new("hooked").await?;
    let webhook = Webhook::start(&stage.ground.lab)?;
    stage
        .apply(&Object(webhook.configuration("hooked", "secrets")))
        .await?;
    let mut wanted = secret(json!({"password": "hunter2"}));
    wanted.0["metadata"]["namespace"] = json!("hooked");
    let refusal = refused_at_last(&stage, &wanted).await?;
    assert_eq!(refusal.reason, RefusalReason::Admission, "{refusal}");
    assert!(
        refusal.message.contains("denied the request: not today"),
        "{refusal}"
    );
    // It repeats what it was asked.
    assert!(!refusal.message.contains("aHVudGVyMg=="), "{refusal}");
    drop(webhook);
    let silent = stage.refused(&wanted).await?;
    assert_eq!(silent.reason, RefusalReason::Admission, "{silent}");
    assert!(
        silent.message.contains("failed calling webhook"),
        "{silent}"
    );

    for part in policy() {
        stage.apply(&part).await?;
    }
    let refusal = refused_at_last(&stage, &config_map("hooked", "a", json!({}))).await?;
    assert_eq!(refusal.reason, RefusalReason::Admission, "{refusal}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_of_a_secret_is_in_a_refusal() -> Result<()> {
    let stage = Stage::new("secrets").await?;
    for data in [
        json!({"password": 20_482_048}),
        json!({"password": ["aHVudGVyMg=="]}),
        json!({"password": "hunter2!"}),
        json!({"password": {"inner": "aHVudGVyMg=="}}),
        json!({"pass word": "aHVudGVyMg=="}),
    ] {
        let mut wanted = secret(data);
        wanted.0["metadata"]["namespace"] = json!("secrets");
        let refusal = stage.refused(&wanted).await?;
        assert_eq!(refusal.reason, RefusalReason::Invalid, "{refusal}");
        for value in ["20482048", "2.0482048", "aHVudGVyMg", "hunter2"] {
            assert!(!refusal.message.contains(value), "{refusal}");
        }
    }
    Ok(())
}

/// What was just set up takes a moment until the API server knows of it.
async fn refused_at_last(stage: &Stage, object: &Object) -> Result<Refusal> {
    eventually("it is refused", async || {
        let answers = stage.cluster.preview(std::slice::from_ref(object)).await?;
        Ok(answers.into_iter().find_map(Result::err))
    })
    .await
}

fn set(object: &mut Object, pointer: &str, value: Value) {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer has a slash");
    let parent = object.0.pointer_mut(parent).expect("the parent is there");
    parent[field] = value;
}

fn of(api_version: &str, kind: &str, rest: Value) -> Object {
    let mut object = json!({"apiVersion": api_version, "kind": kind,
        "metadata": {"name": kind.to_lowercase(), "namespace": "immutable"}});
    for (field, value) in rest.as_object().into_iter().flatten() {
        object[field] = value.clone();
    }
    Object(object)
}

fn secret(data: Value) -> Object {
    let data = match &data {
        Value::Object(fields) if fields.values().all(|it| it == "1") => json!({"a": "MQ=="}),
        Value::Object(fields) if fields.values().all(|it| it == "hunter2") => {
            json!({"a": "aHVudGVyMg=="})
        }
        _ => data,
    };
    of("v1", "Secret", json!({"data": data}))
}

fn fixed() -> Object {
    of(
        "v1",
        "ConfigMap",
        json!({"immutable": true, "data": {"a": "1"}}),
    )
}

fn service() -> Object {
    of(
        "v1",
        "Service",
        json!({"spec": {"ports": [{"port": 80}], "clusterIP": "198.19.66.66"}}),
    )
}

fn stateful_set() -> Object {
    let mut spec = deployment("immutable", "set").0["spec"].clone();
    spec["serviceName"] = json!("one");
    of("apps/v1", "StatefulSet", json!({"spec": spec}))
}

fn job() -> Object {
    let mut template = json!({"spec": crate::objects::pod_spec()});
    template["spec"]["restartPolicy"] = json!("Never");
    of(
        "batch/v1",
        "Job",
        json!({"spec": {"suspend": false, "template": template}}),
    )
}

/// A rule of the cluster's own, without a webhook.
fn policy() -> [Object; 2] {
    let of = |kind: &str, spec: Value| {
        Object(
            json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {"name": "hooked"}, "spec": spec}),
        )
    };
    let maps = json!({"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
        "operations": ["CREATE"], "resources": ["configmaps"]}]});
    let here = json!({"matchLabels": {"kubernetes.io/metadata.name": "hooked"}});
    [
        of(
            "ValidatingAdmissionPolicy",
            json!({"failurePolicy": "Fail", "matchConstraints": maps,
            "validations": [{"expression": "false", "message": "never"}]}),
        ),
        of(
            "ValidatingAdmissionPolicyBinding",
            json!({"policyName": "hooked",
            "validationActions": ["Deny"], "matchResources": {"namespaceSelector": here}}),
        ),
    ]
}
