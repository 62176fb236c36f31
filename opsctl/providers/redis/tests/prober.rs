//! The prober's numbers on real servers: one, a replica that refuses, and a cluster of three.
#![allow(clippy::unwrap_used)]

use anyhow::Result;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Engine, Location, Prober, Sent, Slots};
use opsctl_core::secret::Secret;
use opsctl_redis::RedisProber;
use opsctl_simulation::Grant;
use testkit::redis::RedisCluster;
use testkit::{Redis, leash::Ending};

fn at(url: impl Into<String>, slots: Slots) -> RedisProber {
    RedisProber::at(Secret::new(url.into()), slots)
}

fn operation() -> OperationId {
    OperationId::new("drill-failover-1").unwrap()
}

/// Nothing is asked of the database.
fn nowhere() -> Location {
    Location {
        engine: Engine::Postgres,
        url: "none".into(),
        password_file: None,
        password_secret: None,
    }
}

async fn write(prober: &RedisProber, numbers: &[u64]) -> Result<()> {
    let mut session = prober.connect(&nowhere()).await?;
    for number in numbers {
        let sent = session.write(&operation(), *number).await;
        assert_eq!(sent, Sent::Acknowledged);
        assert_eq!(session.read(&operation()).await?, Some(*number));
    }
    Ok(())
}

#[tokio::test]
async fn numbers_are_written_read_kept_and_taken_away() -> Result<()> {
    let (redis, grant) = (Redis::start()?, Grant::new("drill-failover-1").await);
    let prober = at(redis.url(), None);
    redis.execute(&["SET", "opsctl:prober", "left by another"])?;
    prober.prepare(&grant.permit(), &nowhere()).await?;
    write(&prober, &[1, 2, 3]).await?;
    redis.execute(&["ZREM", "opsctl:prober", "2"])?;
    let kept = prober.kept(&nowhere(), &operation()).await?;
    assert_eq!(kept, [1, 3].into(), "each is missing by itself");
    let ends: i64 = redis.execute(&["TTL", "opsctl:prober"])?.trim().parse()?;
    assert!(ends > 0, "what a dead drill leaves expires: {ends}");
    prober.remove(&grant.permit(), &nowhere()).await?;
    assert_eq!(redis.execute(&["DBSIZE"])?.trim(), "0");
    Ok(())
}

#[tokio::test]
async fn a_replica_says_no_and_a_server_that_dies_says_nothing() -> Result<()> {
    let mut primary = Redis::start()?;
    let replica = Redis::start_replica_of(&primary)?;
    let mut session = at(replica.url(), None).connect(&nowhere()).await?;
    let sent = session.write(&operation(), 1).await;
    assert!(matches!(sent, Sent::Refused(_)), "{sent:?}");
    let mut session = at(primary.url(), None).connect(&nowhere()).await?;
    primary.stop(Ending::Crash)?;
    let sent = session.write(&operation(), 1).await;
    assert!(matches!(sent, Sent::Unanswered(_)), "{sent:?}");
    Ok(())
}

#[tokio::test]
async fn of_a_cluster_the_shard_is_asked_that_has_the_slots() -> Result<()> {
    let mut cluster = RedisCluster::start()?;
    let urls = cluster.urls().join(",");
    for (number, slots) in [(0, (0, 5460)), (2, (10923, 16383))] {
        write(&at(urls.clone(), Some(slots)), &[7]).await?;
        let node = &cluster.nodes()[number];
        assert_eq!(node.execute(&["DBSIZE"])?.trim(), "1", "shard {number}");
    }
    Ok(())
}

#[tokio::test]
async fn a_password_is_not_repeated_when_nobody_answers() {
    let failure = at("redis://app:word@127.0.0.1:1", None)
        .connect(&nowhere())
        .await;
    let Err(failure) = failure else {
        panic!("somebody answers");
    };
    assert!(!format!("{failure:?}").contains("word"), "{failure:?}");
}
