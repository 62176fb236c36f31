//! Statements that take long are said, without what they were given.

use anyhow::{Context, Result};
use serde_json::json;

use crate::support::{Engine, Place, Spawned, eventually};

const WAITS: &str = "SELECT count(*) AS x FROM pg_stat_activity WHERE datname = current_database() \
    AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '200 ms'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_statement_is_logged_without_its_values() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("DATABASE_SLOW_QUERY", "200"),
        ("LOG_LEVEL", "WARNING"),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let (client, _) = process.client().await?.sign_up("me@example.com").await?;
    let hold = place.hold_writes().await?;
    let writing = tokio::spawn(async move {
        let post = json!({"title": "a title", "content": "words of nobody else"});
        client.post("/api/posts", &post).await
    });
    eventually("it waits long enough", || async {
        (place.text(WAITS).await.ok()? == "1").then_some(())
    })
    .await?;
    hold.release().await?;
    assert_eq!(writing.await??.status, 201);
    process.signal("-TERM")?;
    let (_, log) = process.end().await?;
    let slow = log
        .iter()
        .find(|line| line.to_string().contains("INSERT INTO posts"));
    let slow = slow.with_context(|| format!("{log:?}"))?;
    assert_eq!(slow["level"], "WARNING", "{slow}");
    assert!(!format!("{log:?}").contains("words of nobody else"));
    Ok(())
}
