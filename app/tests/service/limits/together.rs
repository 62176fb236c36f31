//! Processes that share a Redis count together, exactly; without it each counts for itself and nobody is turned away.

use anyhow::Result;
use app::config::Role;
use hyper::StatusCode;
use testkit::{Redis, leash::Ending};
use tokio::task::JoinSet;

use super::clusters::count_there;
use crate::support::{Client, Engine, Place, Service, eventually};

pub const LIMIT: usize = 50;
const AT_ONCE: usize = 8;

async fn two(place: &Place, redis: &Redis) -> Result<[Service; 2]> {
    let (url, limit) = (redis.url(), LIMIT.to_string());
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("REDIS_URL", url.as_str()),
        ("RATE_LIMIT_USER", limit.as_str()),
    ];
    let one = Service::start(Role::All, &pairs).await??;
    Ok([one, Service::start(Role::All, &pairs).await??])
}

/// How many of `count` requests, on both at once, were answered and how many refused.
pub async fn storm(clients: [Client; 2], path: &str, count: usize) -> Result<(usize, usize)> {
    let mut running = JoinSet::new();
    for number in 0..AT_ONCE {
        let (client, path) = (clients[number % 2].clone(), path.to_owned());
        running.spawn(async move {
            let mut found = Vec::new();
            for _ in 0..count / AT_ONCE {
                found.push(client.get(&path).await?.status);
            }
            anyhow::Ok(found)
        });
    }
    let found: Result<Vec<_>> = running.join_all().await.into_iter().collect();
    let found = found?.concat();
    let of = |status| found.iter().filter(|one| **one == status).count();
    let counts = (of(StatusCode::OK), of(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(counts.0 + counts.1, found.len(), "{found:?}");
    Ok(counts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_let_pass_what_one_would() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let redis = Redis::start()?;
    let services = two(&place, &redis).await?;
    let nobody = services.each_ref().map(|one| one.client.clone());
    count_there(&nobody, std::slice::from_ref(&redis)).await?;
    let (user, id) = services[0].client.sign_up("user@example.com").await?;
    let token = user.token().unwrap_or_default();
    let clients = services.each_ref().map(|one| one.client.with_token(token));
    let (passed, refused) = storm(clients, &format!("/api/users/{id}"), 4 * LIMIT).await?;
    assert_eq!((passed, refused), (LIMIT, 3 * LIMIT));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_gone_each_counts_for_itself_and_then_together_again() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let mut redis = Redis::start()?;
    let services = two(&place, &redis).await?;
    let (user, id) = services[0].client.sign_up("user@example.com").await?;
    let token = user.token().unwrap_or_default();
    let clients = services.each_ref().map(|one| one.client.with_token(token));
    let path = format!("/api/users/{id}");
    redis.stop(Ending::Crash)?;
    let (passed, refused) = storm(clients.clone(), &path, 4 * LIMIT).await?;
    assert_eq!((passed, refused), (2 * LIMIT, 2 * LIMIT));
    redis.start_again()?;
    eventually("it is counted in Redis again", async || {
        let _counted = clients[0].get(&path).await.ok()?;
        let keys = redis.execute(&["KEYS", "rate:{user:*"]).ok()?;
        (!keys.is_empty()).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_holds_no_request_up() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let redis = Redis::start()?;
    let services = two(&place, &redis).await?;
    let (user, id) = services[0].client.sign_up("user@example.com").await?;
    redis.hang(true)?;
    let began = std::time::Instant::now();
    for _ in 0..LIMIT {
        let answer = user.get(&format!("/api/users/{id}")).await?;
        assert_eq!(answer.status, StatusCode::OK);
    }
    // Each would have waited for an answer that does not come.
    assert!(
        began.elapsed().as_millis() < 500 * u128::try_from(LIMIT)? / 2,
        "{:?}",
        began.elapsed()
    );
    Ok(())
}
