//! Readers and writers at the same moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use app::cache::{Audience, Cache, Entry, Memory, Subject};
use app::database::{PostId, UserId};
use serde_json::json;
use tokio::sync::{Barrier, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(nobody_reads_what_was_before_an_answered_change);

const POST: Subject = Subject::Post(PostId(Uuid::from_u128(7)));

fn entry(value: &str) -> Result<Arc<Entry>> {
    let owner = UserId(Uuid::from_u128(1));
    Ok(Arc::new(Entry::new(owner, Audience::Everybody, &value)?))
}

/// A cache of its own, on a database that is there.
async fn cache(place: &Place) -> Result<(Service, Arc<Cache>)> {
    let service = Service::on(place).await?;
    let database = service.database().clone();
    let cache = Cache::new(database, Arc::default(), Box::new(Memory::default()));
    Ok((service, Arc::new(cache)))
}

#[tokio::test]
async fn a_reader_that_a_change_overtook_leaves_nothing_behind() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let (_service, cache) = cache(&place).await?;
    let (has_read, reading) = oneshot::channel();
    let (go_on, waits) = oneshot::channel::<()>();
    let slow = tokio::spawn({
        let (cache, old) = (Arc::clone(&cache), entry("old")?);
        let load = async move {
            let _told = has_read.send(());
            let _told = waits.await;
            Ok(Some(old))
        };
        async move { cache.find(POST, || load).await }
    });
    reading.await?;
    cache.changed(&[POST]).await;
    let _told = go_on.send(());
    // Whoever asked before the change may be told what was before it; nobody else.
    assert_eq!(slow.await??, Some(entry("old")?));
    let new = entry("new")?;
    let found = cache
        .find(POST, || async { Ok(Some(Arc::clone(&new))) })
        .await?;
    assert_eq!(found, Some(new));
    Ok(())
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_reads() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let (_service, cache) = cache(&place).await?;
    let (reads, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(16)));
    let mut asking = JoinSet::new();
    for _ in 0..16 {
        let (cache, reads, all) = (Arc::clone(&cache), Arc::clone(&reads), Arc::clone(&all));
        asking.spawn(async move {
            all.wait().await;
            let load = || async {
                reads.fetch_add(1, Ordering::SeqCst);
                // Long enough for the others to come.
                for _ in 0..1000 {
                    tokio::task::yield_now().await;
                }
                Ok(entry("value").ok())
            };
            cache.find(POST, load).await
        });
    }
    while let Some(found) = asking.join_next().await {
        assert!(found??.is_some());
    }
    assert_eq!(reads.load(Ordering::SeqCst), 1);
    Ok(())
}

#[tokio::test]
async fn a_failure_is_told_to_all_and_kept_for_nobody() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let (_service, cache) = cache(&place).await?;
    let failing = || async { Err(app::http::ApiError::Database(sqlx::Error::PoolTimedOut)) };
    assert!(cache.find(POST, failing).await.is_err());
    assert!(cache.find(POST, || async { Ok(None) }).await?.is_none());
    let there = cache
        .find(POST, || async { Ok(entry("value").ok()) })
        .await?;
    assert!(there.is_some());
    Ok(())
}

async fn nobody_reads_what_was_before_an_answered_change(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let body = json!({"title": "0", "content": "b", "published": true});
    let path = format!(
        "/api/posts/{}",
        client.post("/api/posts", &body).await?.text("id")
    );
    let answered = Arc::new(AtomicUsize::new(0));
    let mut readers = JoinSet::new();
    const CHANGES: usize = 40;
    for _ in 0..4 {
        let (client, path, answered) = (client.clone(), path.clone(), Arc::clone(&answered));
        readers.spawn(async move {
            loop {
                let before = answered.load(Ordering::SeqCst);
                let seen: usize = client.get(&path).await?.text("title").parse()?;
                anyhow::ensure!(
                    seen >= before,
                    "{seen} was read after {before} was answered"
                );
                if before == CHANGES {
                    return Ok(());
                }
            }
        });
    }
    for number in 1..=CHANGES {
        let changed = client
            .patch(&path, &json!({"title": number.to_string()}))
            .await?;
        assert_eq!(changed.status, 200);
        answered.store(number, Ordering::SeqCst);
    }
    while let Some(reader) = readers.join_next().await {
        reader?.context("a reader")?;
    }
    Ok(())
}
