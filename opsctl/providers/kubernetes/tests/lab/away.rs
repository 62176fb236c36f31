//! An API server that is away, comes back, hangs, or loses an answer.

use std::time::Duration;

use anyhow::{Context, Result};
use opsctl_core::FailureKind;
use opsctl_core::ports::{Access, Cluster};
use opsctl_core::workloads::ObjectKind;
use opsctl_kubernetes::{KubernetesCluster, Patience};
use serde_json::json;

use crate::door::Door;
use crate::objects::config_map;
use crate::stage::{Stage, eventually};

const SHORT: Patience = Patience {
    connect: Duration::from_secs(1),
    answer: Duration::from_secs(2),
    first: Duration::from_millis(500),
    away: Duration::from_millis(500),
};

#[tokio::test(flavor = "multi_thread")]
async fn every_question_waits_for_a_server_that_comes_back() -> Result<()> {
    let stage = Stage::new("away").await?;
    let mut door = Door::before(&stage.ground).await?;
    let target = door.target(&stage.ground)?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    let kept = stage.apply(&config_map("away", "kept", json!({}))).await?;
    let doomed = stage
        .apply(&config_map("away", "doomed", json!({})))
        .await?;
    let new = config_map("away", "new", json!({}));
    let scope = stage.scope("v1", "ConfigMap");
    let access = Access {
        verb: "get",
        kind: ObjectKind::new("v1", "ConfigMap"),
        part: None,
        namespace: Some("away".into()),
    };
    cluster
        .namespaced(std::slice::from_ref(&scope.kind))
        .await?;
    let before = cluster.requests();
    door.shut().await;

    let (permit, known) = (stage.grant.permit(), [kept.reference(), doomed.reference()]);
    let wanted = [access];
    let all = async {
        tokio::join!(
            cluster.get(&known[0]),
            cluster.list(&scope),
            cluster.preview(std::slice::from_ref(&new)),
            cluster.apply(&permit, &new),
            cluster.delete(&permit, &known[1], doomed.uid()),
            cluster.denied(&wanted),
            cluster.watch(&scope, kept.resource_version()),
        )
    };
    let reopened = async {
        // Each of the seven was tried more than twice.
        eventually("everybody waits", async || {
            Ok((cluster.requests() - before > 21).then_some(()))
        })
        .await?;
        door.open().await
    };
    let (answers, opened) = tokio::join!(all, reopened);
    opened?;
    assert_eq!(answers.0?.context("it is not there")?.uid(), kept.uid());
    assert!(!answers.1?.objects.is_empty());
    assert!(answers.2?[0].is_ok());
    assert!(answers.3?.is_ok());
    answers.4?;
    assert_eq!(answers.5?, []);
    drop(answers.6?);
    assert_eq!(stage.cluster.get(&known[1]).await?, None);
    assert!(stage.cluster.get(&new.reference()).await?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stays_away_is_told_with_what_to_run() -> Result<()> {
    let stage = Stage::new("gone").await?;
    let mut door = Door::before(&stage.ground).await?;
    let target = door.target(&stage.ground)?;
    let cluster = KubernetesCluster::connect(&target, SHORT).await?;
    let server = cluster.identity().await?.server;
    door.shut().await;
    let failure = cluster
        .identity()
        .await
        .err()
        .context("somebody answered")?;
    assert_eq!(failure.kind, FailureKind::Failed);
    let told = failure.to_string();
    assert!(
        told.contains(&format!("the API server {server} ")),
        "{told}"
    );
    assert!(told.contains("Connection refused"), "{told}");
    assert!(
        failure.hints[0].ends_with("--context lab get --raw /readyz"),
        "{failure:?}"
    );
    let permit = stage.grant.permit();
    let map = config_map("gone", "a", json!({}));
    let failure = cluster
        .apply(&permit, &map)
        .await
        .err()
        .context("it was taken")?;
    assert!(
        failure
            .to_string()
            .starts_with("can't apply ConfigMap gone/a: "),
        "{failure}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_is_not_waited_for_without_end() -> Result<()> {
    let stage = Stage::new("hangs").await?;
    let door = Door::before(&stage.ground).await?;
    let target = door.target(&stage.ground)?;
    let cluster = KubernetesCluster::connect(&target, SHORT).await?;
    cluster.identity().await?;
    door.be_deaf();
    let failure = cluster
        .identity()
        .await
        .err()
        .context("somebody answered")?;
    assert_eq!(failure.kind, FailureKind::Failed);
    assert!(
        failure.to_string().contains("no answer within 2 s"),
        "{failure}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_whose_answer_is_lost_does_not_conflict_with_itself() -> Result<()> {
    let stage = Stage::new("lost").await?;
    let door = Door::before(&stage.ground).await?;
    let target = door.target(&stage.ground)?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    let mut map = config_map("lost", "a", json!({"a": "1"}));
    let permit = stage.grant.permit();
    let first = cluster.apply(&permit, &map).await?;
    let first = first.ok().context("it was refused")?;
    map.0["metadata"]["resourceVersion"] = json!(first.resource_version());
    map.0["data"]["a"] = json!("2");
    door.lose_an_answer();
    let second = cluster.apply(&permit, &map).await?;
    assert!(door.has_lost());
    let second = second.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
    assert_eq!(second.0["data"], json!({"a": "2"}));
    assert_eq!(stage.cluster.get(&map.reference()).await?, Some(second));
    // What somebody else did meanwhile stays a conflict, lost answer or not.
    map.0["data"]["a"] = json!("3");
    door.lose_an_answer();
    let third = cluster.apply(&permit, &map).await?;
    assert!(third.is_err(), "{third:?}");
    Ok(())
}
