//! The bus of several processes, through a real Redis.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use app::config::{Role, Secret};
use app::events::{Bus, Outbox, STREAM, Streams};
use app::secrets::Live;
use testkit::Redis;
use testkit::leash::Ending;
use tokio::sync::watch;

use crate::support::{Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(what_one_process_does_is_acted_on_by_another_with_redis_and_without);

/// One process's end of the bus.
struct End {
    streams: Arc<Streams>,
    outbox: Outbox,
    stop: watch::Sender<bool>,
}

impl End {
    fn at(redis: &Redis) -> Self {
        let (outbox, stop) = (Outbox::default(), watch::Sender::new(false));
        let secrets = [("REDIS_URL".to_owned(), Secret::new(redis.url()))];
        let secrets = Live::new(secrets.into_iter().collect());
        let streams = Arc::new(Streams::new(secrets, outbox.clone()));
        tokio::spawn(Arc::clone(&streams).tell_others(stop.subscribe()));
        tokio::spawn(Arc::clone(&streams).listen(stop.subscribe()));
        Self {
            streams,
            outbox,
            stop,
        }
    }

    /// Speaks until the other end has heard, its publisher and a subscriber alike.
    async fn reaches(&self, other: &Self) -> Result<()> {
        eventually("the other end hears", || async {
            self.streams.publish(&[]).await;
            let heard = async {
                other.outbox.filled().await;
                other.streams.wait("audit").await;
            };
            let soon = Duration::from_millis(500);
            tokio::time::timeout(soon, heard).await.ok()
        })
        .await
    }
}

#[tokio::test]
async fn what_one_says_wakes_the_others_again_after_redis_was_away() -> Result<()> {
    let mut redis = Redis::start()?;
    let (here, there) = (End::at(&redis), End::at(&redis));
    here.reaches(&there).await?;
    there.reaches(&here).await?;
    redis.stop(Ending::Crash)?;
    // Whoever is in the same process needs no Redis, and nobody waits for it.
    let told = async {
        here.streams.wait("audit").await;
        here.streams.publish(&[]).await;
        here.streams.wait("audit").await;
    };
    here.streams.publish(&[]).await;
    tokio::time::timeout(Duration::from_secs(10), told).await?;
    redis.start_again()?;
    here.reaches(&there).await?;
    there.reaches(&here).await?;
    for end in [here, there] {
        end.stop.send_replace(true);
    }
    Ok(())
}

#[tokio::test]
async fn the_stream_stays_short() -> Result<()> {
    let redis = Redis::start()?;
    let (here, there) = (End::at(&redis), End::at(&redis));
    here.reaches(&there).await?;
    let long = "for i = 1, 5000 do redis.call('XADD', KEYS[1], '*', 'by', 'x') end";
    redis.execute(&["EVAL", long, "1", STREAM])?;
    here.reaches(&there).await?;
    eventually("it is short again", || async {
        here.streams.publish(&[]).await;
        let length: usize = redis.execute(&["XLEN", STREAM]).ok()?.trim().parse().ok()?;
        (length < 1500).then_some(())
    })
    .await
}

async fn what_one_process_does_is_acted_on_by_another_with_redis_and_without(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let mut redis = Redis::start()?;
    let url = redis.url();
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("REDIS_URL", url.as_str()),
    ];
    let api = Service::start(Role::Api, &pairs).await??;
    let _worker = Service::start(Role::Worker, &pairs).await??;
    let told = async |email: &str, count: usize| {
        api.client.sign_up(email).await?;
        let lines = "SELECT count(*) AS x FROM audit_log WHERE action = 'user.created'";
        let count = count.to_string();
        eventually("it stands in the audit log", || async {
            (place.text(lines).await.ok()? == count).then_some(())
        })
        .await
    };
    told("first@example.com", 1).await?;
    eventually("the one told the other", || async {
        let length: usize = redis.execute(&["XLEN", STREAM]).ok()?.trim().parse().ok()?;
        (length > 0).then_some(())
    })
    .await?;
    redis.stop(Ending::Crash)?;
    told("second@example.com", 2).await?;
    redis.start_again()?;
    told("third@example.com", 3).await
}
