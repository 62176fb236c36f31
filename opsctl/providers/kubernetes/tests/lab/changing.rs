//! Server-side apply, tried out and for good, and deletion of exactly one object.

use anyhow::{Context, Result};
use opsctl_core::ports::{Cluster, RefusalReason};
use serde_json::json;

use crate::objects::{config_map, deployment, pod_spec};
use crate::stage::{Stage, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_tells_what_would_be_and_changes_nothing() -> Result<()> {
    let stage = Stage::new("preview").await?;
    stage
        .apply(&config_map("preview", "there", json!({"a": "1"})))
        .await?;
    let objects = [
        config_map("preview", "there", json!({"a": "2"})),
        deployment("preview", "new"),
        config_map("preview", "there", json!({"a": "1"})),
    ];
    let answers = stage.cluster.preview(&objects).await?;
    let answers: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0].0["data"], json!({"a": "2"}));
    // What the server adds by itself.
    assert_eq!(answers[1].text("/spec/strategy/type"), "RollingUpdate");
    let mut there = stage.cluster.get(&objects[0].reference()).await?;
    if let Some(there) = &mut there {
        let metadata = there.0["metadata"].as_object_mut();
        metadata.context("no metadata")?.remove("managedFields");
    }
    assert_eq!(there.as_ref(), Some(&answers[2]));
    assert_eq!(stage.cluster.get(&objects[1].reference()).await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_takes_a_field_from_whoever_had_it() -> Result<()> {
    let stage = Stage::new("force").await?;
    let wanted = config_map("force", "shared", json!({"a": "ours"}));
    stage.apply(&wanted).await?;
    stage.kubectl(&[
        "patch",
        "configmap/shared",
        "--patch",
        r#"{"data":{"a":"a person's","b":"too"}}"#,
    ])?;
    let applied = stage.apply(&wanted).await?;
    assert_eq!(applied.0["data"], json!({"a": "ours", "b": "too"}));
    let again = stage.apply(&wanted).await?;
    assert_eq!(again.resource_version(), applied.resource_version());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_in_an_object_is_a_precondition() -> Result<()> {
    let stage = Stage::new("precondition").await?;
    let permit = stage.grant.permit();
    let mut wanted = config_map("precondition", "one", json!({"a": "1"}));
    let first = stage.apply(&wanted).await?;
    wanted.0["metadata"]["resourceVersion"] = json!(first.resource_version());
    wanted.0["data"]["a"] = json!("2");
    let second = stage.apply(&wanted).await?;
    assert_ne!(second.resource_version(), first.resource_version());

    wanted.0["data"]["a"] = json!("3");
    let refused = stage.cluster.apply(&stage.grant.permit(), &wanted).await?;
    let refusal = refused.err().context("it was applied")?;
    assert_eq!(refusal.reason, RefusalReason::Conflict, "{refusal}");
    assert_eq!(
        stage.refused(&wanted).await?.reason,
        RefusalReason::Conflict
    );
    let there = stage.cluster.get(&wanted.reference()).await?;
    assert_eq!(there, Some(second.clone()));

    stage
        .cluster
        .delete(&stage.grant.permit(), &wanted.reference(), second.uid())
        .await?;
    // The API server by itself would make it anew.
    let gone = stage.refused(&wanted).await?;
    assert_eq!(gone.reason, RefusalReason::Conflict, "{gone}");
    let refused = stage.cluster.apply(&permit, &wanted).await?;
    assert_eq!(
        refused.err().map(|it| it.reason),
        Some(RefusalReason::Conflict)
    );
    let mut known = wanted.clone();
    known.0["metadata"]["uid"] = json!(second.uid());
    let before = stage.cluster.requests();
    let refused = stage.cluster.apply(&permit, &known).await?;
    assert_eq!(
        refused.err().map(|it| it.reason),
        Some(RefusalReason::Conflict)
    );
    assert_eq!(stage.cluster.requests() - before, 1);
    assert_eq!(stage.cluster.get(&wanted.reference()).await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_object_that_is_meant_is_deleted() -> Result<()> {
    let stage = Stage::new("deleting").await?;
    let permit = stage.grant.permit();
    let made = stage
        .apply(&config_map("deleting", "one", json!({})))
        .await?;
    let reference = made.reference();
    let another = "00000000-0000-0000-0000-000000000000";
    stage.cluster.delete(&permit, &reference, another).await?;
    assert!(stage.cluster.get(&reference).await?.is_some());
    stage
        .cluster
        .delete(&permit, &reference, made.uid())
        .await?;
    assert_eq!(stage.cluster.get(&reference).await?, None);
    stage
        .cluster
        .delete(&permit, &reference, made.uid())
        .await?;
    let unknown = crate::objects::reference("example.org/v1", "Widget", "deleting", "one");
    stage.cluster.delete(&permit, &unknown, another).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_an_object_goes_with_it() -> Result<()> {
    let stage = Stage::new("hanging").await?;
    let mut wanted = deployment("hanging", "api");
    wanted.0["spec"]["replicas"] = json!(1);
    wanted.0["spec"]["template"]["spec"] = pod_spec();
    let made = stage.apply(&wanted).await?;
    let sets = stage.scope("apps/v1", "ReplicaSet");
    let count = async |wanted| {
        let listed = stage.cluster.list(&sets).await?;
        Ok((listed.objects.len() == wanted).then_some(()))
    };
    eventually("there is a replica set", async || count(1).await).await?;
    stage
        .cluster
        .delete(&stage.grant.permit(), &made.reference(), made.uid())
        .await?;
    eventually("the replica set is gone", async || count(0).await).await
}
