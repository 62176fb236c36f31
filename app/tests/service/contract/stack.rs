//! That these suites run on what they say: on PostgreSQL, lists come from a replica that streams and copies lie in Redis.

use anyhow::{Context, Result};
use serde_json::json;

use crate::support::{Engine, Place, Service, eventually, replica};

/// How often the replica has looked for posts.
fn asked(place: &Place) -> Result<u64> {
    let database = place.url.rsplit('/').next().context("a name")?;
    let count = "SELECT coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0) \
        FROM pg_stat_user_tables WHERE relname = 'posts'";
    Ok(replica()?.execute(database, count)?.parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_lists_come_from_a_replica_and_copies_lie_in_redis() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let service = Service::on(&place).await?;
    let (me, _) = service.client.sign_up("me@example.com").await?;
    let post = json!({"title": "a", "content": "b", "published": true});
    let post = me.post("/api/posts", &post).await?.text("id");
    let before = asked(&place)?;
    eventually("the replica is asked", || async {
        let listed = me.get("/api/posts").await.ok()?;
        assert_eq!(
            listed.json["items"][0]["id"], post,
            "one's own writes are there"
        );
        (asked(&place).ok()? > before).then_some(())
    })
    .await?;
    let redis = place.redis().context("it has a Redis")?;
    eventually("a copy lies in Redis", || async {
        me.get(&format!("/api/posts/{post}")).await.ok()?;
        let keys = redis.execute(&["KEYS", "*"]).ok()?;
        keys.contains(&post).then_some(())
    })
    .await
}
