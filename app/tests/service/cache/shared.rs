//! Several processes on one database, with one Redis between them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use app::cache::shared::{Redis as Engine1, keep};
use app::cache::{Audience, Cache, Entry, Epochs, Subject};
use app::config::{Role, Secret};
use app::database::{PostId, UserId};
use app::secrets::Live;
use serde_json::json;
use testkit::{Redis, RedisCluster};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use crate::support::{Client, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    a_change_here_shows_there,
    a_log_out_here_ends_the_token_there_long_before_its_memory_does,
);

pub const BEHIND_ITS_BACK: &str = "UPDATE posts SET title = 'behind'";

/// A process that shares its copies, and is connected.
pub async fn sharing(place: &Place, urls: &str) -> Result<Service> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("REDIS_URL", urls),
        ("AUTH_CACHE_SECONDS", "60"),
    ];
    Ok(Service::start(Role::All, &pairs).await??)
}

/// Waits until `count` processes listen to this server.
pub async fn listened_to(redis: &Redis, count: usize) -> Result<()> {
    eventually("they listen", || async {
        let said = redis.execute(&["PUBSUB", "NUMSUB", "app:changes"]).ok()?;
        let listening: usize = said.lines().nth(1)?.trim().parse().ok()?;
        (listening >= count).then_some(())
    })
    .await
}

pub async fn a_post(client: &Client) -> Result<String> {
    let body = json!({"title": "first", "content": "b", "published": true});
    let post = client.post("/api/posts", &body).await?;
    Ok(format!("/api/posts/{}", post.text("id")))
}

pub async fn title(client: &Client, path: &str) -> Result<String> {
    let answer = client.get(path).await?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(answer.text("title"))
}

/// News takes a moment, and no copy lasts as short as that.
pub async fn shows(client: &Client, path: &str, expected: &str) -> Result<()> {
    eventually(&format!("it shows {expected}"), || async {
        let title = title(client, path).await.ok()?;
        (title == expected).then_some(())
    })
    .await
}

/// Reads it until a copy is used: what was changed behind the back of all does not show.
pub async fn a_copy_is_used(place: &Place, client: &Client, path: &str) -> Result<()> {
    let mut number = 0;
    eventually("a copy is used", || {
        number += 1;
        let sql = format!("UPDATE posts SET title = 'title {number}'");
        async move {
            let before = title(client, path).await.ok()?;
            place.execute(&sql).await.ok()?;
            (title(client, path).await.ok()? == before).then_some(())
        }
    })
    .await
}

/// The same person at another process.
pub fn at(service: &Service, client: &Client) -> Client {
    service
        .client
        .with_token(client.token().unwrap_or_default())
}

async fn a_change_here_shows_there(engine: Engine) -> Result<()> {
    let (place, redis) = (Place::primary(engine).await?, Redis::start()?);
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
    for number in 0..10 {
        let (from, to) = match number % 2 {
            0 => (&client, &elsewhere),
            _ => (&elsewhere, &client),
        };
        let name = number.to_string();
        from.patch(&path, &json!({"title": name})).await?;
        assert_eq!(title(from, &path).await?, name);
        shows(to, &path, &name).await?;
    }
    Ok(())
}

async fn a_log_out_here_ends_the_token_there_long_before_its_memory_does(
    engine: Engine,
) -> Result<()> {
    let (place, redis) = (Place::primary(engine).await?, Redis::start()?);
    let (here, there) = (
        sharing(&place, &redis.url()).await?,
        sharing(&place, &redis.url()).await?,
    );
    listened_to(&redis, 2).await?;
    let (client, id) = here.client.sign_up("me@example.com").await?;
    let (elsewhere, path) = (at(&there, &client), format!("/api/users/{id}"));
    assert_eq!(elsewhere.get(&path).await?.status, 200);
    let began = Instant::now();
    client.post("/auth/logout", &json!({})).await?;
    eventually("the token is refused there", || async {
        (elsewhere.get(&path).await.ok()?.status == 401).then_some(())
    })
    .await?;
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "it waited for the end of its memory"
    );
    Ok(())
}

#[tokio::test]
async fn what_one_process_read_another_need_not_read() -> Result<()> {
    let (place, redis) = (Place::primary(Engine::Sqlite).await?, Redis::start()?);
    let here = sharing(&place, &redis.url()).await?;
    listened_to(&redis, 1).await?;
    let (client, _) = here.client.sign_up("me@example.com").await?;
    let path = a_post(&client).await?;
    a_copy_is_used(&place, &client, &path).await?;
    let shown = title(&client, &path).await?;
    place.execute(BEHIND_ITS_BACK).await?;
    let there = sharing(&place, &redis.url()).await?;
    shows(&at(&there, &client), &path, &shown).await
}

#[tokio::test]
async fn a_cluster_is_used_as_one_server_is() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let mut cluster = RedisCluster::start()?;
    let urls = cluster.urls().join(",");
    let (here, there) = (sharing(&place, &urls).await?, sharing(&place, &urls).await?);
    let (client, _) = here.client.sign_up("me@example.com").await?;
    let elsewhere = at(&there, &client);
    // In several slots, and with them on several servers.
    for _ in 0..6 {
        let path = a_post(&client).await?;
        a_copy_is_used(&place, &client, &path).await?;
        a_copy_is_used(&place, &elsewhere, &path).await?;
        client.patch(&path, &json!({"title": "new"})).await?;
        assert_eq!(title(&client, &path).await?, "new");
        shows(&elsewhere, &path, "new").await?;
    }
    let mut holding = 0;
    for node in cluster.nodes() {
        holding += usize::from(node.execute(&["DBSIZE"])? != "0");
    }
    assert!(holding > 1, "all copies lie on one server");
    Ok(())
}

const POST: Subject = Subject::Post(PostId(Uuid::from_u128(7)));

fn entry(value: &str) -> Result<Arc<Entry>> {
    let owner = UserId(Uuid::from_u128(1));
    Ok(Arc::new(Entry::new(owner, Audience::Everybody, &value)?))
}

/// A cache like that of a process of its own.
async fn cache(service: &Service, redis: &Redis, stop: &watch::Sender<bool>) -> Result<Arc<Cache>> {
    let (epochs, database) = (Arc::new(Epochs::default()), service.database().clone());
    let engine = Engine1::new(database.clone(), Arc::clone(&epochs));
    let secrets = [("REDIS_URL".to_owned(), Secret::new(redis.url()))];
    let secrets = Live::new(secrets.into_iter().collect());
    tokio::spawn(keep(engine.clone(), secrets, stop.subscribe()));
    eventually("it is connected", || async {
        engine.is_connected().then_some(())
    })
    .await?;
    Ok(Arc::new(Cache::new(database, epochs, Box::new(engine))))
}

#[tokio::test]
async fn a_reader_here_that_a_change_there_overtook_leaves_nothing_for_anybody() -> Result<()> {
    let (place, redis) = (Place::primary(Engine::Sqlite).await?, Redis::start()?);
    let service = Service::on(&place).await?;
    let stop = watch::Sender::new(false);
    let here = cache(&service, &redis, &stop).await?;
    let there = cache(&service, &redis, &stop).await?;
    let (has_read, reading) = oneshot::channel();
    let (go_on, waits) = oneshot::channel::<()>();
    let slow = tokio::spawn({
        let (here, old) = (Arc::clone(&here), entry("old")?);
        let load = async move {
            let _told = has_read.send(());
            let _told = waits.await;
            Ok(Some(old))
        };
        async move { here.find(POST, || load).await }
    });
    reading.await?;
    there.changed(&[POST]).await;
    let _told = go_on.send(());
    assert_eq!(slow.await??, Some(entry("old")?));
    // Neither there, nor in a process that comes later and believes what it finds in Redis.
    let later = cache(&service, &redis, &stop).await?;
    let new = entry("new")?;
    for cache in [&there, &later] {
        let load = || async { Ok(Some(Arc::clone(&new))) };
        assert_eq!(cache.find(POST, load).await?, Some(Arc::clone(&new)));
    }
    eventually("nor here", || async {
        let load = || async { Ok(Some(Arc::clone(&new))) };
        let found = here.find(POST, load).await.ok()??;
        (found == new).then_some(())
    })
    .await
    .context("the slow reader's own process")
}
