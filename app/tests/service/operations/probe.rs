//! `--role probe`: looking at a restored copy without leaving a trace in it.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{DescriptorFile, Engine, Place, Service, on_both_engines};

on_both_engines!(
    the_probe_reads_a_scratch_copy_and_writes_nothing,
    the_probe_reads_a_user_chosen_from_the_copy,
    the_probe_refuses_a_superseded_database,
);

async fn the_probe_reads_a_scratch_copy_and_writes_nothing(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    place
        .execute("UPDATE database_identity SET role = 'scratch'")
        .await?;
    let pairs = [("DATABASE_URL", place.url.as_str())];
    let service = Service::start(Role::Probe, &pairs).await??;
    let client = service.client_of_anybody()?;
    assert_eq!(client.get("/api/posts").await?.status, 200);
    let body = json!({"email": "a@example.com", "password": "correct horse"});
    assert_eq!(
        client.post("/api/users", &body).await?.problem(),
        (503, "read_only")
    );
    let body = json!({"title": "a", "content": "b"});
    assert_eq!(
        client.post("/api/posts", &body).await?.problem(),
        (503, "read_only")
    );
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    service.stop().await;
    for table in ["users", "posts", "heartbeat", "audit_log"] {
        let rows = place
            .text(&format!("SELECT count(*) AS x FROM {table}"))
            .await?;
        assert_eq!(rows, "0", "{table}");
    }
    Ok(())
}

async fn the_probe_reads_a_user_chosen_from_the_copy(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    place
        .execute(
            "INSERT INTO users (email, password_hash) VALUES ('chosen@example.com', 'x'); \
             UPDATE database_identity SET role = 'scratch', sessions_valid_after = '2999-01-01T00:00:00.000Z'",
        )
        .await?;
    let descriptor = DescriptorFile::of(&place)?;
    let path = descriptor.path().display().to_string();
    let service = Service::start(Role::Probe, &[("DATABASE_DESCRIPTOR", &path)]).await??;
    let id = place.text("SELECT id AS x FROM users").await?;
    let answer = service
        .client_of(&id)?
        .get(&format!("/api/users/{id}"))
        .await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.text("email"), "chosen@example.com");
    assert!(
        descriptor.presences().is_empty(),
        "it takes no part in cut-overs"
    );
    service.stop().await;
    Ok(())
}

async fn the_probe_refuses_a_superseded_database(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    place
        .execute("UPDATE database_identity SET role = 'superseded'")
        .await?;
    let pairs = [("DATABASE_URL", place.url.as_str())];
    assert!(Service::start(Role::Probe, &pairs).await?.is_err());
    Ok(())
}
