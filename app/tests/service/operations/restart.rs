//! A database server that dies and comes back under a running service.

use anyhow::Result;
use testkit::Postgres;

use app::config::Role;

use crate::support::{Client, Service, eventually, set_up};

async fn served(server: &Postgres) -> Result<Service> {
    set_up(server).await?;
    let url = server.url();
    Ok(Service::start(
        Role::All,
        &[("DATABASE_URL", &url), ("DATABASE_TIMEOUT", "2")],
    )
    .await??)
}

/// Opens every connection of the pool.
async fn crowd(client: &Client) -> Result<()> {
    let asked = (0..16).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.get("/api/posts").await })
    });
    for answer in asked.collect::<Vec<_>>() {
        anyhow::ensure!(answer.await??.status == 200);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_comes_back_with_its_database() -> Result<()> {
    let mut server = Postgres::start()?;
    let service = served(&server).await?;
    let client = service.client_of_anybody()?;
    crowd(&client).await?;
    server.crash()?;
    eventually("it says that it is not ready", || async {
        let ready = client.get("/health/ready").await.ok()?;
        (ready.status == 503 && ready.text("status") == "not_ready").then_some(())
    })
    .await?;
    let answer = client.get("/api/posts").await?;
    assert_eq!(answer.problem(), (503, "database_unavailable"));
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(client.get("/health/live").await?.status, 200);
    // Long enough for the service to notice by itself.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    server.start_again()?;
    eventually("it is ready again", || async {
        (client.get("/health/ready").await.ok()?.status == 200).then_some(())
    })
    .await?;
    // Every connection from before is dead, and none of them is somebody's failed request.
    crowd(&client).await?;
    service.stop().await;
    Ok(())
}
