//! The statements of the runbook of the database, run as they stand there.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testkit::documents::commands;

use crate::support::{Engine, Place, Service, eventually};

/// What a statement finds, a row each.
async fn rows(place: &Place, statement: &str) -> Result<Vec<Value>> {
    let statement = statement.trim_end_matches(';');
    let whole = format!("SELECT row_to_json(r) AS x FROM ({statement}) AS r");
    let found = place.texts(&whole).await?;
    found
        .iter()
        .map(|row| Ok(serde_json::from_str(row)?))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stands_in_the_way_is_found_and_ended_as_the_runbook_says() -> Result<()> {
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks/database.md");
    let statements = commands(&std::fs::read_to_string(runbook)?, "SELECT");
    let [working, blocked, end, sessions, replicas] = statements.as_slice() else {
        anyhow::bail!("{statements:?}");
    };
    let place = Place::primary(Engine::Postgres).await?;
    let service = Service::on(&place).await?;
    let (me, _) = service.client.sign_up("me@example.com").await?;
    let hold = place.hold_writes().await?;
    let writing = tokio::spawn(async move {
        let post = json!({"title": "a", "content": "b"});
        me.post("/api/posts", &post).await
    });
    let stuck = eventually("somebody is in the way", || async {
        let found = rows(&place, blocked).await.ok()?;
        let stuck = found
            .into_iter()
            .find(|row| row["query"].to_string().contains("posts"));
        stuck.filter(|row| row["waits_for"][0].is_i64())
    })
    .await?;
    let waiting = rows(&place, working).await?;
    let waiting = waiting.iter().find(|row| row["pid"] == stuck["pid"]);
    let waiting = waiting.with_context(|| format!("{stuck} works"))?;
    assert_eq!(waiting["wait_event_type"], "Lock", "{waiting}");
    let blocker = stuck["waits_for"][0].to_string();
    rows(&place, &end.replace("<pid>", &blocker)).await?;
    assert_eq!(writing.await??.status, 201);
    drop(hold);

    let room = rows(&place, sessions).await?;
    assert!(
        room[0]["sessions"].as_i64() > Some(0) && room[0]["most"].is_string(),
        "{room:?}"
    );
    let following = rows(&place, replicas).await?;
    assert!(
        following.iter().any(|row| row["state"] == "streaming"),
        "{following:?}"
    );
    Ok(())
}
