//! Connections of PostgreSQL, of which there are fewer than those who want one.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{Client, Engine, Place, Service, eventually};

async fn with_two_connections(place: &Place) -> Result<Service> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("DATABASE_POOL_SIZE", "2"),
        ("CACHE", "none"),
    ];
    Ok(Service::start(Role::Api, &pairs).await??)
}

async fn read_and_write(client: Client, id: String) -> Result<()> {
    for _ in 0..20 {
        let read = client.get(&format!("/api/users/{id}")).await?;
        anyhow::ensure!(read.status == 200, "{read:?}");
        let post = json!({"title": "a title", "content": "words"});
        let written = client.post("/api/posts", &post).await?;
        anyhow::ensure!(written.status == 201, "{written:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_and_writers_share_them_and_nobody_waits_for_ever() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let service = with_two_connections(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let many: Vec<_> = (0..16)
        .map(|_| tokio::spawn(read_and_write(client.clone(), id.clone())))
        .collect();
    for one in many {
        one.await??;
    }
    assert!(place.connections_of_the_service().await? <= 2);
    eventually("all of them rest", || async {
        let text = service.measurements().await.ok()?;
        text.contains(r#"database_connections{state="used"} 0"#)
            .then_some(())
    })
    .await?;
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_in_use_a_moment_ago_ends_with_the_service() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let service = with_two_connections(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    assert_eq!(client.get(&format!("/api/users/{id}")).await?.status, 200);
    let stopping = service.stop();
    tokio::time::timeout(std::time::Duration::from_secs(10), stopping).await?;
    eventually("its connections are closed", || async {
        (place.connections_of_the_service().await.ok()? == 0).then_some(())
    })
    .await?;
    Ok(())
}
