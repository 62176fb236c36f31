//! Workers that are killed again and again, publisher and subscribers in them, alone or beside others on one bus: nothing is lost,
//! and nothing is done twice inside the database.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use testkit::Redis;
use testkit::leash::Ending;
use uuid::Uuid;

use crate::support::{Engine, Place, Spawned, eventually, on_both_engines};

on_both_engines!(a_worker_that_is_killed_at_any_time_loses_nothing_and_repeats_nothing);

const USERS: usize = 200;
const OTHERS: usize = 9_800;
/// At least.
const KILLS: usize = 3;
/// Mails in one worker's hands at once: what a kill may double.
const AT_ONCE: usize = 8;

/// Events that were not published, and deliveries that were not made.
const OPEN: &str = "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) \
    + (SELECT count(*) FROM deliveries WHERE state <> 'done') AS x";

/// Events as the changes of a busy minute leave them.
async fn fill(place: &Place) -> Result<()> {
    let (numbers, key) = match place.engine {
        Engine::Sqlite => (
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})",
            "lower(hex(randomblob(4))) || '-0000-4000-8000-' || lower(hex(randomblob(6)))",
        ),
        Engine::Postgres => (
            "WITH n (i) AS (SELECT generate_series(1, {}))",
            "gen_random_uuid()",
        ),
    };
    let numbers = |most: usize| numbers.replace("{}", &most.to_string());
    let (users, others) = (numbers(USERS), numbers(OTHERS));
    place
        .execute(&format!(
            "INSERT INTO users (email, password_hash) {users} SELECT 'u' || i || '@example.com', 'x' FROM n"
        ))
        .await?;
    place
        .execute("INSERT INTO outbox (kind, entity_id) SELECT 'user.created', id FROM users")
        .await?;
    place
        .execute(&format!(
            "INSERT INTO outbox (kind, entity_id) {others} SELECT 'post.changed', {key} FROM n"
        ))
        .await
}

fn worker(place: &Place, server: &testkit::Smtp, redis: Option<&Redis>) -> Result<Spawned> {
    let (url, redis) = (server.url(), redis.map(Redis::url));
    let mut pairs = vec![
        ("DATABASE_URL", place.url.as_str()),
        ("SMTP_URL", url.as_str()),
        ("LOG_LEVEL", "CRITICAL"),
    ];
    pairs.extend(redis.as_deref().map(|url| ("REDIS_URL", url)));
    Spawned::start(&["--role", "worker"], &pairs)
}

/// Up to two and a half seconds.
fn some_time() -> Duration {
    Duration::from_millis(u64::from(Uuid::new_v4().as_bytes()[0]) * 10)
}

/// As if the claims of whoever was killed had run out. The server may still carry out the last statement of the dead, and choose this
/// one of two that wait for one another.
async fn claims_run_out(place: &Place) -> Result<()> {
    let sql = "UPDATE deliveries SET due_at = '2000-01-01T00:00:00.000Z' WHERE state = 'pending'";
    eventually("claims can be changed", || async {
        place.execute(sql).await.ok()
    })
    .await
}

async fn a_worker_that_is_killed_at_any_time_loses_nothing_and_repeats_nothing(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let server = testkit::Smtp::start()?;
    fill(&place).await?;
    let mut kills = 0;
    let mut left = USERS + OTHERS;
    // Over the whole of it: the last one is left with little.
    while left > (USERS + OTHERS) / 10 {
        let mut killed = worker(&place, &server, None)?;
        killed.address().await?;
        tokio::time::sleep(some_time()).await;
        killed.signal("-KILL")?;
        killed.end().await?;
        claims_run_out(&place).await?;
        kills += 1;
        left = place.text(OPEN).await?.parse()?;
    }
    assert!(kills >= KILLS, "{kills} kills");
    finished(&place, &server, kills).await
}

/// Somebody finishes it, and everything was done.
async fn finished(place: &Place, server: &testkit::Smtp, kills: usize) -> Result<()> {
    let mut last = worker(place, server, None)?;
    last.address().await?;
    eventually("everything is delivered", || async {
        (place.text(OPEN).await.ok()? == "0").then_some(())
    })
    .await?;
    last.signal("-TERM")?;
    assert_eq!(last.end().await?.0.code(), Some(0));

    let lines =
        "SELECT count(*) AS x FROM audit_log WHERE action IN ('user.created', 'post.changed')";
    assert_eq!(place.text(lines).await?, (USERS + OTHERS).to_string());
    let mails = server.mails();
    let ids: BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), USERS, "each is there");
    let doubled = mails.len() - ids.len();
    assert!(doubled <= kills * AT_ONCE, "{doubled} mails were doubled");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_workers_on_one_bus_any_may_be_killed_and_the_bus_too() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let server = testkit::Smtp::start()?;
    let mut redis = Redis::start()?;
    fill(&place).await?;
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(worker(&place, &server, Some(&redis))?);
    }
    for worker in &mut workers {
        worker.address().await?;
    }
    let mut kills: usize = 0;
    let mut left = USERS + OTHERS;
    // What a killed one held stays held until the end: its time is not over, and others must not touch it.
    while left > (USERS + OTHERS) / 10 {
        tokio::time::sleep(some_time() / 4).await;
        let which = usize::from(Uuid::new_v4().as_bytes()[0]) % workers.len();
        let killed = workers.swap_remove(which);
        killed.signal("-KILL")?;
        killed.end().await?;
        kills += 1;
        if kills.is_multiple_of(3) {
            redis.stop(Ending::Crash)?;
            redis.start_again()?;
        }
        workers.push(worker(&place, &server, Some(&redis))?);
        left = place.text(OPEN).await?.parse()?;
    }
    for killed in workers {
        killed.signal("-KILL")?;
        killed.end().await?;
        kills += 1;
    }
    claims_run_out(&place).await?;
    finished(&place, &server, kills).await
}
