//! Redis gone, hanging, replaced: slower, never wrong, never down.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use testkit::Redis;
use testkit::leash::Ending;

use super::shared::{a_copy_is_used, a_post, at, listened_to, sharing, shows, title};
use crate::support::{Engine, Place};

#[tokio::test]
async fn without_redis_everything_is_answered_and_nothing_is_stale() -> Result<()> {
    let (place, mut redis) = (Place::primary(Engine::Sqlite).await?, Redis::start()?);
    let (here, there) = (
        sharing(&place, &redis.url()).await?,
        sharing(&place, &redis.url()).await?,
    );
    listened_to(&redis, 2).await?;
    let (client, _) = here.client.sign_up("me@example.com").await?;
    let elsewhere = at(&there, &client);
    let path = a_post(&client).await?;
    a_copy_is_used(&place, &elsewhere, &path).await?;
    a_copy_is_used(&place, &client, &path).await?;
    redis.stop(Ending::Crash)?;
    for number in 0..5 {
        let name = format!("without {number}");
        assert_eq!(
            client.patch(&path, &json!({"title": name})).await?.status,
            200
        );
        assert_eq!(title(&client, &path).await?, name);
        shows(&elsewhere, &path, &name).await?;
    }
    redis.start_again()?;
    listened_to(&redis, 2).await?;
    assert_eq!(title(&elsewhere, &path).await?, "without 4");
    a_copy_is_used(&place, &elsewhere, &path).await?;
    client.patch(&path, &json!({"title": "with"})).await?;
    shows(&elsewhere, &path, "with").await
}

#[tokio::test]
async fn a_redis_that_hangs_holds_nobody_up() -> Result<()> {
    let (place, redis) = (Place::primary(Engine::Sqlite).await?, Redis::start()?);
    let (here, there) = (
        sharing(&place, &redis.url()).await?,
        sharing(&place, &redis.url()).await?,
    );
    listened_to(&redis, 2).await?;
    let (client, _) = here.client.sign_up("me@example.com").await?;
    let elsewhere = at(&there, &client);
    let path = a_post(&client).await?;
    a_copy_is_used(&place, &client, &path).await?;
    a_copy_is_used(&place, &elsewhere, &path).await?;
    redis.hang(true)?;
    let began = Instant::now();
    for number in 0..20 {
        let name = format!("hanging {number}");
        assert_eq!(
            client.patch(&path, &json!({"title": name})).await?.status,
            200
        );
        assert_eq!(title(&client, &path).await?, name);
    }
    shows(&elsewhere, &path, "hanging 19").await?;
    // Each of them would wait for an answer if nobody remembered that there is none.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    redis.hang(false)?;
    a_copy_is_used(&place, &elsewhere, &path).await?;
    client.patch(&path, &json!({"title": "again"})).await?;
    shows(&elsewhere, &path, "again").await
}

#[tokio::test]
async fn a_replica_that_takes_over_brings_back_nothing_that_was_changed() -> Result<()> {
    let (place, mut primary) = (Place::primary(Engine::Sqlite).await?, Redis::start()?);
    let replica = Redis::start_replica_of(&primary)?;
    let urls = format!("{},{}", primary.url(), replica.url());
    let (here, there) = (sharing(&place, &urls).await?, sharing(&place, &urls).await?);
    listened_to(&primary, 2).await?;
    let (client, _) = here.client.sign_up("me@example.com").await?;
    let elsewhere = at(&there, &client);
    let path = a_post(&client).await?;
    a_copy_is_used(&place, &client, &path).await?;
    // The replica has the copy, and misses the change.
    crate::support::eventually("the replica has copies", || async {
        (replica.execute(&["DBSIZE"]).ok()? != "0").then_some(())
    })
    .await?;
    replica.hang(true)?;
    client.patch(&path, &json!({"title": "changed"})).await?;
    primary.stop(Ending::Crash)?;
    replica.hang(false)?;
    replica.execute(&["REPLICAOF", "NO", "ONE"])?;
    listened_to(&replica, 2).await?;
    for _ in 0..5 {
        assert_eq!(title(&client, &path).await?, "changed");
        shows(&elsewhere, &path, "changed").await?;
    }
    a_copy_is_used(&place, &elsewhere, &path).await?;
    client.patch(&path, &json!({"title": "after"})).await?;
    shows(&elsewhere, &path, "after").await
}
