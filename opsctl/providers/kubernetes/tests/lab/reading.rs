//! Who the cluster is, which kinds it has, and what is in it.

use anyhow::{Context, Result};
use opsctl_core::FailureKind;
use opsctl_core::ports::{Cluster, Scope};
use opsctl_core::workloads::{Object, ObjectKind};
use serde_json::json;

use crate::objects::{config_map, reference};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_known_by_its_oldest_namespace() -> Result<()> {
    let stage = Stage::new("identity").await?;
    let before = stage.cluster.requests();
    let identity = stage.cluster.identity().await?;
    assert_eq!(stage.cluster.requests() - before, 2);
    let uid = stage.kubectl(&[
        "get",
        "namespace",
        "kube-system",
        "--output=jsonpath={.metadata.uid}",
    ])?;
    assert_eq!(identity.uid, uid);
    assert_eq!(identity.server, stage.ground.lab.url());
    assert!(identity.version.starts_with("v1."), "{}", identity.version);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_are_asked_for_once_a_version_of_a_group() -> Result<()> {
    let stage = Stage::new("kinds").await?;
    let before = stage.cluster.requests();
    let kinds = [
        ObjectKind::new("apps/v1", "Deployment"),
        ObjectKind::new("apps/v1", "StatefulSet"),
        ObjectKind::new("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ObjectKind::new("apps/v1", "Nonsense"),
        ObjectKind::new("example.org/v1", "Widget"),
        ObjectKind::new("v1", "Node"),
    ];
    let known = stage.cluster.namespaced(&kinds).await?;
    assert_eq!(
        known,
        [Some(true), Some(true), Some(false), None, None, Some(false)]
    );
    // `v1` is known since the namespace was applied.
    assert_eq!(stage.cluster.requests() - before, 3);
    stage.cluster.namespaced(&kinds[..3]).await?;
    assert_eq!(stage.cluster.requests() - before, 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_says_what_it_is_and_who_owns_it() -> Result<()> {
    let stage = Stage::new("reading").await?;
    let mut labelled = config_map("reading", "b", json!({"on": "08", "emoji": "🙂"}));
    labelled.0["metadata"]["labels"] = json!({"tier": "a b".replace(' ', "-")});
    stage.apply(&config_map("reading", "a", json!({}))).await?;
    let applied = stage.apply(&labelled).await?;

    let got = stage.cluster.get(&labelled.reference()).await?;
    let got = got.context("it is not there")?;
    assert_eq!(got, applied);
    assert_eq!(got.text("/metadata/managedFields/0/manager"), "opsctl");
    assert_eq!(got.0["data"], json!({"on": "08", "emoji": "🙂"}));

    let mut scope = stage.scope("v1", "ConfigMap");
    scope.labels = Some("tier in (a-b, other),absent!=x".into());
    let listed = stage.cluster.list(&scope).await?;
    assert_eq!(listed.objects, [got]);
    assert!(!listed.resource_version.is_empty());
    scope.labels = Some("tier=none".into());
    assert_eq!(stage.cluster.list(&scope).await?.objects, []);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_none() -> Result<()> {
    let stage = Stage::new("nothing").await?;
    for absent in [
        reference("v1", "ConfigMap", "nothing", "absent"),
        reference("v1", "ConfigMap", "no-such-namespace", "absent"),
        reference("v1", "ConfigMap", "nothing", "../../secrets"),
        reference("v1", "ConfigMap", "nothing", "🙂"),
        reference("v1", "ConfigMap", "nothing", ""),
        reference("example.org/v1", "Widget", "nothing", "absent"),
    ] {
        assert_eq!(stage.cluster.get(&absent).await?, None, "{absent}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_not_there_cannot_be_listed() -> Result<()> {
    let stage = Stage::new("no-kind").await?;
    let scope = stage.scope("example.org/v1", "Widget");
    let failure = stage.cluster.list(&scope).await.expect_err("it was listed");
    assert_eq!(failure.kind, FailureKind::Failed);
    assert_eq!(
        failure.to_string(),
        "can't list each Widget in no-kind: this server has no example.org/v1 Widget"
    );
    let wrong = Scope {
        labels: Some("a=(".into()),
        ..stage.scope("v1", "ConfigMap")
    };
    let failure = stage.cluster.list(&wrong).await.expect_err("it was listed");
    assert!(failure.to_string().contains("unable to parse"), "{failure}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_defined_meanwhile_is_found() -> Result<()> {
    let stage = Stage::new("defined").await?;
    let widget = Object(
        json!({"apiVersion": "defined.example.org/v1", "kind": "Widget",
        "metadata": {"name": "one", "namespace": "defined"}, "size": 3}),
    );
    assert_eq!(stage.cluster.get(&widget.reference()).await?, None);
    stage.apply(&definition()).await?;
    let taken = crate::stage::eventually("widgets are taken", async || {
        Ok(stage
            .cluster
            .apply(&stage.grant.permit(), &widget)
            .await?
            .ok())
    });
    let taken = taken.await?;
    assert_eq!(taken.number("/size"), 3);
    stage.kubectl(&["delete", "crd", "widgets.defined.example.org"])?;
    let refusal = stage.refused(&widget).await?;
    assert_eq!(
        refusal.reason,
        opsctl_core::ports::RefusalReason::UnknownKind
    );
    Ok(())
}

fn definition() -> Object {
    Object(
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.defined.example.org"},
        "spec": {"group": "defined.example.org", "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "properties": {"size": {"type": "integer"}}}}}]}}),
    )
}
