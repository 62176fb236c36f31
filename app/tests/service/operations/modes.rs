//! Standing aside: what each mode refuses, and when it counts as applied.

use anyhow::Result;
use serde_json::json;

use crate::support::{DescriptorFile, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    read_only_refuses_writes_and_nothing_else,
    maintenance_refuses_everything_but_health,
    a_mode_is_acknowledged_after_the_writes_in_flight,
    a_write_whose_client_has_left_is_waited_for_too,
);

async fn read_only_refuses_writes_and_nothing_else(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::following(&descriptor).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let post = json!({"title": "a", "content": "b", "published": true});
    let comments = format!(
        "/api/posts/{}/comments",
        client.post("/api/posts", &post).await?.text("id")
    );

    descriptor.write(&place, 2, "read_only")?;
    assert_eq!(descriptor.applied(2).await?["mode"], "read_only");
    let login = json!({"email": "me@example.com", "password": "correct horse battery"});
    assert_eq!(client.get(&format!("/api/users/{id}")).await?.status, 200);
    assert_eq!(client.get(&comments).await?.status, 200);
    assert_eq!(client.post("/auth/login", &login).await?.status, 200);
    let other = json!({"email": "other@example.com", "password": "correct horse"});
    for (path, body) in [
        ("/api/users", &other),
        ("/api/posts", &post),
        (&comments, &post),
    ] {
        let answer = client.post(path, body).await?;
        assert_eq!(answer.problem(), (503, "read_only"), "{path}");
        assert_eq!(answer.header("retry-after"), "30");
    }
    let ready = client.get("/health/ready").await?;
    assert_eq!(
        (ready.status.as_u16(), ready.text("mode")),
        (200, "read_only".into())
    );

    descriptor.write(&place, 3, "normal")?;
    descriptor.applied(3).await?;
    assert_eq!(client.post("/api/posts", &post).await?.status, 201);
    Ok(())
}

async fn maintenance_refuses_everything_but_health(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::following(&descriptor).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    // The same generation: a mode is a change of its own.
    descriptor.write(&place, 1, "maintenance")?;
    eventually("maintenance is applied", || async {
        descriptor
            .presences()
            .first()
            .filter(|one| one["mode"] == "maintenance")
            .map(drop)
    })
    .await?;
    let login = json!({"email": "me@example.com", "password": "correct horse battery"});
    for answer in [
        client.get(&format!("/api/users/{id}")).await?,
        client.get("/api/posts").await?,
        service.client.get("/api/posts").await?,
        client.post("/auth/login", &login).await?,
        client.post("/api/users", &json!({})).await?,
    ] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.problem(), (503, "maintenance"));
        assert_eq!(answer.header("retry-after"), "30");
    }
    assert_eq!(client.get("/health/live").await?.status, 200);
    let ready = client.get("/health/ready").await?;
    assert_eq!(
        ready.json,
        json!({
            "status": "maintenance", "lineage_id": place.lineage_id,
            "generation": 1, "mode": "maintenance",
        })
    );
    Ok(())
}

async fn a_mode_is_acknowledged_after_the_writes_in_flight(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::quietly_following(&descriptor, &place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;

    let hold = place.hold_writes().await?;
    let post = json!({"title": "a", "content": "b"});
    let writing = tokio::spawn({
        let (client, post) = (client.clone(), post.clone());
        async move { client.post("/api/posts", &post).await }
    });
    service.write_in_flight().await?;
    descriptor.write(&place, 2, "maintenance")?;
    eventually("maintenance is in force", || async {
        (client.get("/api/posts").await.ok()?.status == 503).then_some(())
    })
    .await?;
    assert_eq!(
        client.post("/api/posts", &post).await?.problem(),
        (503, "maintenance")
    );
    // Refusing already, not done yet: the write that came before still holds it up.
    assert!(!writing.is_finished());
    assert_eq!(descriptor.presences()[0]["mode"], "normal");
    hold.release().await?;
    assert_eq!(writing.await??.status, 201);
    assert_eq!(descriptor.applied(2).await?["mode"], "maintenance");
    assert_eq!(place.text("SELECT count(*) AS x FROM posts").await?, "1");
    Ok(())
}

async fn a_write_whose_client_has_left_is_waited_for_too(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::quietly_following(&descriptor, &place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;

    let hold = place.hold_writes().await?;
    let leaving = tokio::spawn({
        let client = client.clone();
        async move {
            client
                .post("/api/posts", &json!({"title": "a", "content": "b"}))
                .await
        }
    });
    service.write_in_flight().await?;
    leaving.abort();
    assert!(leaving.await.is_err());
    descriptor.write(&place, 2, "maintenance")?;
    eventually("reads are refused", || async {
        (client.get("/api/posts").await.ok()?.status == 503).then_some(())
    })
    .await?;
    assert_eq!(descriptor.presences()[0]["mode"], "normal");
    hold.release().await?;
    descriptor.applied(2).await?;
    assert_eq!(place.text("SELECT count(*) AS x FROM posts").await?, "1");
    Ok(())
}
