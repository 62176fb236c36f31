//! Another database under a running service: a cut-over as the clients and the operators see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;
use app::config::Role;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Client, DescriptorFile, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    no_request_fails_while_the_database_is_exchanged,
    the_wrong_database_is_not_served_and_neither_is_the_old_one,
    a_descriptor_that_cannot_be_read_changes_nothing,
    the_same_database_by_a_way_that_fails_changes_nothing,
    a_next_database_that_never_answers_does_not_keep_the_old_one_in_service,
);

/// One published post, so that each database is known by what it shows.
async fn marked(engine: Engine, title: &str) -> Result<Place> {
    let place = Place::primary(engine).await?;
    place
        .execute(&format!(
            "INSERT INTO users (email, password_hash) VALUES ('{title}@example.com', 'x'); \
             INSERT INTO posts (user_id, title, content, published) SELECT id, '{title}', 'x', TRUE FROM users"
        ))
        .await?;
    Ok(place)
}

async fn title_seen(client: &Client) -> Result<String> {
    let page = client.get("/api/posts").await?;
    anyhow::ensure!(page.status == 200, "{page:?}");
    Ok(page.json["items"][0]["title"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

async fn no_request_fails_while_the_database_is_exchanged(engine: Engine) -> Result<()> {
    let places = [
        marked(engine, "first").await?,
        marked(engine, "second").await?,
    ];
    let descriptor = DescriptorFile::of(&places[0])?;
    let service = Service::following(&descriptor).await?;
    descriptor.applied(1).await?;
    let client = service.client_of_anybody()?;
    let (stop, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let failed = Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for _ in 0..2 {
        let (client, stop, answered) = (client.clone(), Arc::clone(&stop), Arc::clone(&answered));
        let failed = Arc::clone(&failed);
        load.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                title_seen(&client)
                    .await
                    .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    for generation in 2..8_u64 {
        let place = &places[usize::try_from(generation - 1)? % 2];
        descriptor.write(place, generation, "normal")?;
        let presence = descriptor.applied(generation).await?;
        assert_eq!(presence["lineage_id"], place.lineage_id.to_string());
        // Acknowledged means that nobody sees the other one any more, and that it is closed.
        let expected = if generation % 2 == 0 {
            "second"
        } else {
            "first"
        };
        assert_eq!(title_seen(&client).await?, expected);
        let other = &places[usize::try_from(generation)? % 2];
        // A server needs a moment to see that a connection was closed.
        eventually("the other one is closed", || async {
            (other.connections_of_the_service().await.ok()? == 0).then_some(())
        })
        .await?;
        let before = answered.load(Ordering::Relaxed);
        eventually("requests went on", || async {
            let went_on = answered.load(Ordering::Relaxed) > before + 4;
            (went_on || failed.load(Ordering::Relaxed)).then_some(())
        })
        .await?;
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(done) = load.join_next().await {
        done??;
    }
    Ok(())
}

async fn the_wrong_database_is_not_served_and_neither_is_the_old_one(engine: Engine) -> Result<()> {
    let (old, new) = (marked(engine, "old").await?, marked(engine, "new").await?);
    let descriptor = DescriptorFile::of(&old)?;
    let service = Service::following(&descriptor).await?;
    descriptor.applied(1).await?;
    let client = service.client_of_anybody()?;
    new.execute("UPDATE database_identity SET role = 'scratch'")
        .await?;
    descriptor.write(&new, 2, "normal")?;
    eventually("nothing is served", || async {
        let answer = client.get("/api/posts").await.ok()?;
        (answer.status == 503 && answer.problem().1 == "database_unavailable").then_some(())
    })
    .await?;
    assert_eq!(
        client.get("/health/ready").await?.text("status"),
        "not_ready"
    );
    assert_eq!(client.get("/health/live").await?.status, 200);
    assert_eq!(
        descriptor.presences()[0]["generation"],
        1,
        "nothing was applied"
    );
    // As soon as it is what the descriptor says, it is served.
    new.execute("UPDATE database_identity SET role = 'primary'")
        .await?;
    descriptor.applied(2).await?;
    assert_eq!(title_seen(&client).await?, "new");
    Ok(())
}

async fn a_descriptor_that_cannot_be_read_changes_nothing(engine: Engine) -> Result<()> {
    let place = marked(engine, "only").await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::following(&descriptor).await?;
    let client = service.client_of_anybody()?;
    let newer = json!({"version": 2, "mode": "maintenance"}).to_string();
    for text in ["", "{\"version\": 1", &newer] {
        descriptor.write_text(text)?;
        // Longer than the service takes to look.
        for _ in 0..20 {
            assert_eq!(title_seen(&client).await?, "only");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    std::fs::remove_file(descriptor.path())?;
    assert_eq!(title_seen(&client).await?, "only");
    descriptor.write(&place, 5, "normal")?;
    descriptor.applied(5).await?;
    Ok(())
}

async fn the_same_database_by_a_way_that_fails_changes_nothing(engine: Engine) -> Result<()> {
    let place = marked(engine, "only").await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::following(&descriptor).await?;
    descriptor.applied(1).await?;
    let client = service.client_of_anybody()?;
    let text = std::fs::read_to_string(descriptor.path())?;
    let broken = text
        .replace("\"generation\":1", "\"generation\":2")
        .replace("sqlite:/", "sqlite:/no/");
    descriptor.write_text(&broken.replace("/t", "/no_t"))?;
    for _ in 0..20 {
        assert_eq!(title_seen(&client).await?, "only");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(descriptor.presences()[0]["generation"], 1);
    Ok(())
}

async fn a_next_database_that_never_answers_does_not_keep_the_old_one_in_service(
    engine: Engine,
) -> Result<()> {
    let place = marked(engine, "old").await?;
    let descriptor = DescriptorFile::of(&place)?;
    let path = descriptor.path().display().to_string();
    let pairs = [
        ("DATABASE_DESCRIPTOR", path.as_str()),
        ("DATABASE_TIMEOUT", "11"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    descriptor.applied(1).await?;
    let client = service.client_of_anybody()?;
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let next = json!({
        "version": 1, "generation": 2, "engine": "postgres",
        "url": format!("postgres://app_login@{}/app", silent.local_addr()?),
        "instance_id": place.instance_id, "lineage_id": uuid::Uuid::new_v4(), "mode": "normal",
    });
    descriptor.write_text(&next.to_string())?;
    eventually("the old one is let go of", || async {
        (client.get("/api/posts").await.ok()?.status == 503).then_some(())
    })
    .await?;
    // Back to the old one, which is opened again.
    descriptor.write(&place, 3, "normal")?;
    descriptor.applied(3).await?;
    assert_eq!(title_seen(&client).await?, "old");
    Ok(())
}
