//! The API server itself is killed and started again.

use anyhow::{Result, bail, ensure};
use opsctl_core::ports::{Change, Cluster};
use serde_json::json;
use testkit::lab::Part;
use testkit::leash::Ending;

use crate::access::limited;
use crate::objects::config_map;
use crate::stage::Stage;
use crate::watching::{next, present};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_again_refuses_nobody_and_loses_nothing() -> Result<()> {
    let stage = Stage::alone("restart").await?;
    let limited = limited(&stage).await?;
    let mut scope = stage.scope("v1", "ConfigMap");
    scope.labels = Some("made-by=a-test".into());
    let before = stage
        .apply(&config_map("restart", "before", json!({})))
        .await?;
    let old = limited.list(&scope).await?.resource_version;
    stage
        .apply(&config_map("restart", "between", json!({})))
        .await?;
    let now = limited.list(&scope).await?.resource_version;
    let mut changes = limited.watch(&scope, &now).await?;

    stage.ground.lab.stop(Part::ApiServer, Ending::Crash)?;
    let Change::Away(_) = next(&mut changes).await? else {
        bail!("nobody noticed");
    };
    let ground = std::sync::Arc::clone(&stage.ground);
    let started = tokio::task::spawn_blocking(move || ground.lab.start_again(Part::ApiServer));
    // It answers before it knows who may do what.
    let (known, new) = (
        before.reference(),
        config_map("restart", "after", json!({})),
    );
    let permit = stage.grant.permit();
    let (got, applied) = tokio::join!(limited.get(&known), limited.apply(&permit, &new));
    assert_eq!(
        got?.map(|it| it.uid().to_owned()).as_deref(),
        Some(before.uid())
    );
    ensure!(applied?.is_ok(), "it was refused");
    started.await??;

    match next(&mut changes).await? {
        Change::Present(object) => assert_eq!(object.reference(), new.reference()),
        Change::Again(objects) => {
            let mut after = objects.iter().any(|it| it.reference() == new.reference());
            while !after {
                after = present(&mut changes).await? == "after";
            }
        }
        other => bail!("{other:?}"),
    }
    // What was before is nothing that the new one remembers.
    let mut changes = limited.watch(&scope, &old).await?;
    let Change::Again(objects) = next(&mut changes).await? else {
        bail!("it went on from {old}");
    };
    assert_eq!(objects.len(), 3, "{objects:?}");
    stage
        .apply(&config_map("restart", "later", json!({})))
        .await?;
    assert_eq!(present(&mut changes).await?, "later");
    Ok(())
}
