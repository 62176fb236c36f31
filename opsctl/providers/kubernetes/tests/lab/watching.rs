//! Following a scope through interruptions.

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use futures::stream::BoxStream;
use opsctl_core::ports::{Change, Cluster};
use opsctl_kubernetes::{KubernetesCluster, Patience};
use serde_json::json;

use crate::door::Door;
use crate::objects::config_map;
use crate::stage::{Stage, eventually};

pub async fn next(changes: &mut BoxStream<'static, Change>) -> Result<Change> {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(60), changes.next()).await;
    waited
        .context("nothing changed")?
        .context("the watch ended")
}

/// The next thing that is there, of a watch that is not interrupted.
pub async fn present(changes: &mut BoxStream<'static, Change>) -> Result<String> {
    match next(changes).await? {
        Change::Present(object) => Ok(object.reference().name),
        other => bail!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_in_its_order_and_of_the_scope_alone() -> Result<()> {
    let stage = Stage::new("order").await?;
    let mut scope = stage.scope("v1", "ConfigMap");
    scope.labels = Some("follow=yes".into());
    let from = stage.cluster.list(&scope).await?.resource_version;
    let mut changes = stage.cluster.watch(&scope, &from).await?;
    let mut map = config_map("order", "a", json!({}));
    stage
        .apply(&config_map("order", "other", json!({})))
        .await?;
    map.0["metadata"]["labels"] = json!({"follow": "yes"});
    let made = stage.apply(&map).await?;
    map.0["data"]["x"] = json!("1");
    let changed = stage.apply(&map).await?;
    map.0["metadata"]["labels"] = json!({"follow": "no"});
    stage.apply(&map).await?;
    assert_eq!(next(&mut changes).await?, Change::Present(made));
    assert_eq!(next(&mut changes).await?, Change::Present(changed));
    let Change::Gone(gone) = next(&mut changes).await? else {
        bail!("it left the scope");
    };
    assert_eq!(gone.reference(), map.reference());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_is_told_once_and_nothing_is_missed() -> Result<()> {
    let stage = Stage::new("interrupted").await?;
    let mut door = Door::before(&stage.ground).await?;
    let target = door.target(&stage.ground)?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    let mut scope = stage.scope("v1", "ConfigMap");
    scope.labels = Some("made-by=a-test".into());
    let from = cluster.list(&scope).await?.resource_version;
    let mut changes = cluster.watch(&scope, &from).await?;
    for name in ["before", "between"] {
        stage
            .apply(&config_map("interrupted", name, json!({})))
            .await?;
        assert_eq!(present(&mut changes).await?, name);
        door.shut().await;
        let Change::Away(why) = next(&mut changes).await? else {
            bail!("nobody noticed");
        };
        assert!(!why.is_empty());
        let missed = format!("while-{name}");
        stage
            .apply(&config_map("interrupted", &missed, json!({})))
            .await?;
        let tried = cluster.requests() + 3;
        let opened = async {
            eventually("it tries again", async || {
                Ok((cluster.requests() > tried).then_some(()))
            })
            .await?;
            door.open().await
        };
        let (told, opened) = tokio::join!(present(&mut changes), opened);
        opened?;
        assert_eq!(told?, missed);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_dropped_hangs_up() -> Result<()> {
    let stage = Stage::new("dropped").await?;
    let door = Door::before(&stage.ground).await?;
    let target = door.target(&stage.ground)?;
    let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
    let scope = stage.scope("v1", "ConfigMap");
    let from = cluster.list(&scope).await?.resource_version;
    let mut watches = Vec::new();
    for _ in 0..5 {
        watches.push(cluster.watch(&scope, &from).await?);
    }
    assert!(door.connections() >= 5);
    drop(watches);
    // One may be kept for the next question.
    eventually("they hang up", async || {
        Ok((door.connections() <= 1).then_some(()))
    })
    .await
}
