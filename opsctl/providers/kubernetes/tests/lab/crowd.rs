//! Two thousand objects.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::stream::{self, StreamExt, TryStreamExt};
use opsctl_core::ports::Cluster;
use opsctl_core::workloads::Object;
use serde_json::json;

use crate::objects::config_map;
use crate::stage::Stage;

const MANY: usize = 2000;
/// On a busy machine; by itself it takes a tenth of it.
const LIMIT: Duration = Duration::from_secs(100);

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_objects_are_listed_in_two_answers_and_tried_out_in_one_each() -> Result<()> {
    let stage = Stage::new("crowd").await?;
    let objects: Vec<Object> = (0..MANY)
        .map(|n| {
            let mut map = config_map("crowd", &format!("map-{n}"), json!({"n": "x".repeat(200)}));
            map.0["metadata"]["labels"] = json!({"crowd": "yes"});
            map
        })
        .collect();
    stream::iter(objects.iter().map(|object| stage.apply(object)))
        .buffer_unordered(16)
        .try_collect::<Vec<_>>()
        .await?;

    let mut scope = stage.scope("v1", "ConfigMap");
    scope.labels = Some("crowd=yes".into());
    let (before, began) = (stage.cluster.requests(), Instant::now());
    let listed = stage.cluster.list(&scope).await?;
    assert_eq!(listed.objects.len(), MANY);
    assert_eq!(stage.cluster.requests() - before, 2);
    ensure!(
        began.elapsed() < LIMIT,
        "the list took {:?}",
        began.elapsed()
    );

    let (before, began) = (stage.cluster.requests(), Instant::now());
    let tried = stage.cluster.preview(&objects).await?;
    assert_eq!(stage.cluster.requests() - before, MANY as u64);
    ensure!(
        began.elapsed() < LIMIT,
        "the previews took {:?}",
        began.elapsed()
    );
    for (tried, object) in tried.iter().zip(&objects) {
        let tried = tried.as_ref().map(Object::reference);
        assert_eq!(tried.as_ref(), Ok(&object.reference()));
    }
    Ok(())
}
