//! A replica that is gone, too far behind, or no replica any more: the primary answers, and nobody notices.

use anyhow::Result;

use super::pair::{Keeping, Pair, read_from_replica};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_when_the_replica_dies_and_it_is_read_again_when_it_is_back() -> Result<()>
{
    let mut pair = Pair::new().await?;
    let service = pair.service("60").await?;
    let mut client = Keeping::sign_up(&service, "me@example.com").await?;
    client.post("mine").await?;
    read_from_replica(&pair, &client, &service).await?;
    for round in 0..2 {
        let reads = (0..8).map(|_| async {
            for _ in 0..100 {
                let titles = client.titles_at(&service, Some(&client.token)).await?;
                anyhow::ensure!(titles.contains("mine"), "{titles:?}");
            }
            anyhow::Ok(())
        });
        let reads: Vec<_> = reads.collect();
        let (died, read) = tokio::join!(
            async {
                tokio::task::block_in_place(|| match round {
                    0 => pair.replica.crash(),
                    _ => pair.replica.stop(),
                })
            },
            futures::future::try_join_all(reads),
        );
        died?;
        read?;
        // Without it as well.
        client.titles_at(&service, Some(&client.token)).await?;
        pair.replica.start_again()?;
        read_from_replica(&pair, &client, &service).await?;
    }
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_lags_too_far_behind_is_not_read() -> Result<()> {
    let pair = Pair::new().await?;
    let service = pair.service("3").await?;
    let mut writer = Keeping::sign_up(&service, "writer@example.com").await?;
    let reader = Keeping::sign_up(&service, "reader@example.com").await?;
    read_from_replica(&pair, &reader, &service).await?;
    pair.replica.pause_replay()?;
    writer.post("late").await?;
    eventually("the primary is read", || async {
        let titles = reader.titles_at(&service, Some(&reader.token)).await.ok()?;
        titles.contains("late").then_some(())
    })
    .await?;
    pair.replica.resume_replay()?;
    read_from_replica(&pair, &reader, &service).await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_was_promoted_is_not_read() -> Result<()> {
    let pair = Pair::new().await?;
    let service = pair.service("60").await?;
    let mut writer = Keeping::sign_up(&service, "writer@example.com").await?;
    let reader = Keeping::sign_up(&service, "reader@example.com").await?;
    read_from_replica(&pair, &reader, &service).await?;
    pair.replica.execute("postgres", "SELECT pg_promote()")?;
    writer.post("after the promotion").await?;
    eventually("the primary is read", || async {
        let titles = reader.titles_at(&service, Some(&reader.token)).await.ok()?;
        titles.contains("after the promotion").then_some(())
    })
    .await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_away_keeps_nobody_from_starting() -> Result<()> {
    let mut pair = Pair::new().await?;
    pair.replica.stop()?;
    let service = pair.service("60").await?;
    let mut client = Keeping::sign_up(&service, "me@example.com").await?;
    client.post("mine").await?;
    let titles = client.titles_at(&service, Some(&client.token)).await?;
    assert!(titles.contains("mine"), "{titles:?}");
    pair.replica.start_again()?;
    read_from_replica(&pair, &client, &service).await?;
    service.stop().await;
    Ok(())
}
