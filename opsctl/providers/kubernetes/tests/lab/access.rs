//! What a principal may do who may little, and how one is told who is not let in.

use anyhow::{Context, Result};
use opsctl_core::FailureKind;
use opsctl_core::ports::{Access, Cluster, RefusalReason};
use opsctl_core::workloads::{Object, ObjectKind};
use opsctl_kubernetes::{KubernetesCluster, Patience};
use serde_json::json;

use crate::objects::{config_map, deployment};
use crate::stage::Stage;

/// A service account that may do what one role says, in the stage's namespace.
pub async fn limited(stage: &Stage) -> Result<KubernetesCluster> {
    let namespace = stage.namespace.as_str();
    let of = |kind: &str, rest: serde_json::Value| {
        let mut object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
            "metadata": {"name": "limited", "namespace": namespace}});
        for (field, value) in rest.as_object().into_iter().flatten() {
            object[field] = value.clone();
        }
        Object(object)
    };
    let rules = json!({"rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch", "create", "patch"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["one"]},
        {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get"]}]});
    let binding = json!({
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"},
        "subjects": [{"kind": "ServiceAccount", "name": "limited", "namespace": namespace}]});
    stage.apply(&of("Role", rules)).await?;
    stage.apply(&of("RoleBinding", binding)).await?;
    stage.kubectl(&["create", "serviceaccount", "limited"])?;
    let token = stage.kubectl(&["create", "token", "limited"])?;
    with_token(stage, token.trim()).await
}

async fn with_token(stage: &Stage, token: &str) -> Result<KubernetesCluster> {
    let (server, authority) = (stage.ground.lab.url(), stage.ground.authority()?);
    let kubeconfig = kubeconfig(&server, &authority, &format!("token: '{token}'"));
    let target = stage.ground.target(&stage.namespace, &kubeconfig)?;
    Ok(KubernetesCluster::connect(&target, Patience::default()).await?)
}

pub fn kubeconfig(server: &str, authority: &str, user: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters:
- {{name: lab, cluster: {{server: '{server}', certificate-authority: '{authority}'}}}}
users:
- {{name: somebody, user: {{{user}}}}}
contexts:
- {{name: lab, context: {{cluster: lab, user: somebody}}}}
"
    )
}

fn access(verb: &'static str, kind: (&str, &str), namespace: Option<&str>) -> Access {
    Access {
        verb,
        kind: ObjectKind::new(kind.0, kind.1),
        part: None,
        namespace: namespace.map(str::to_owned),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_done_is_told_beforehand() -> Result<()> {
    let stage = Stage::new("limited").await?;
    let limited = limited(&stage).await?;
    let here = Some("limited");
    let log = Access {
        part: Some("log"),
        ..access("get", ("v1", "Pod"), here)
    };
    let wanted = [
        access("patch", ("v1", "ConfigMap"), here),
        access("delete", ("v1", "ConfigMap"), here),
        access("get", ("v1", "Secret"), here),
        log.clone(),
        access("list", ("apps/v1", "Deployment"), here),
        access("list", ("v1", "Node"), None),
        access("get", ("v1", "ConfigMap"), Some("default")),
        access("get", ("example.org/v1", "Widget"), here),
    ];
    let before = limited.requests();
    let denied = limited.denied(&wanted).await?;
    let denied: Vec<_> = denied.into_iter().map(|(access, _)| access).collect();
    let expected: Vec<_> = [1, 2, 4, 5, 6].map(|at| wanted[at].clone()).into();
    assert_eq!(denied, expected);
    // Three versions of groups, one list of rules, and each that is in no list.
    assert_eq!(limited.requests() - before, 3 + 1 + 5);

    let before = stage.cluster.requests();
    assert_eq!(stage.cluster.denied(&wanted[..5]).await?, []);
    // The administrator is told by the list that everything is allowed.
    assert_eq!(stage.cluster.requests() - before, 1 + 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_a_kind_is_refused_and_who_may_not_read_it_fails() -> Result<()> {
    let stage = Stage::new("forbidden").await?;
    let limited = limited(&stage).await?;
    let objects = [
        config_map("forbidden", "may", json!({})),
        deployment("forbidden", "may-not"),
    ];
    let answers = limited.preview(&objects).await?;
    assert!(answers[0].is_ok(), "{answers:?}");
    let refusal = answers[1].as_ref().err().context("it was taken")?;
    assert_eq!(refusal.reason, RefusalReason::Forbidden, "{refusal}");
    let scope = stage.scope("apps/v1", "Deployment");
    for failure in [
        limited.list(&scope).await.err(),
        limited.watch(&scope, "1").await.err(),
        limited.identity().await.err(),
    ] {
        let failure = failure.context("it was let in")?;
        assert_eq!(failure.kind, FailureKind::Authentication, "{failure}");
        assert!(failure.to_string().contains("cannot"), "{failure}");
        assert!(failure.hints[0].ends_with("--context lab auth can-i --list"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_nobody_gave_out_is_not_let_in_and_not_shown() -> Result<()> {
    let stage = Stage::new("stranger").await?;
    for (token, cause) in [
        ("not-a-token", "Unauthorized"),
        (
            "e30.eyJleHAiOjE2MDAwMDAwMDB9.c2ln",
            "the token expired at 2020-09-13T12:26:40Z",
        ),
    ] {
        let stranger = with_token(&stage, token).await?;
        let failure = stranger.identity().await.err().context("it was let in")?;
        assert_eq!(failure.kind, FailureKind::Authentication, "{failure}");
        assert!(failure.to_string().ends_with(cause), "{failure}");
        assert!(!format!("{failure:?}").contains(token));
    }
    Ok(())
}
