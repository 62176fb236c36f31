//! `Idempotency-Key`: asked again, done once.

use anyhow::Result;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    the_same_request_gets_the_same_answer_and_another_body_is_refused,
    a_storm_of_the_same_request_has_one_effect,
    a_refusal_keeps_no_key_and_users_do_not_share_keys,
    a_key_is_forgotten_after_a_day,
);

async fn write(client: &Client, key: &str, body: &Value) -> Result<crate::support::Answer> {
    let headers = [("idempotency-key", key)];
    client
        .send_with(Method::POST, "/api/posts", &headers, Some(body))
        .await
}

async fn the_same_request_gets_the_same_answer_and_another_body_is_refused(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let body = json!({"title": "a", "content": "b", "published": true});
    let first = write(&client, "k-1", &body).await?;
    let again = write(&client, "k-1", &body).await?;
    assert_eq!((first.status, &first.json), (again.status, &again.json));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        ("", "true")
    );
    let other = write(&client, "k-1", &json!({"title": "c", "content": "b"})).await?;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));
    let headers = [("idempotency-key", "k-1")];
    let path = format!("/api/posts/{}/comments", first.text("id"));
    let comment = json!({"content": "b"});
    let elsewhere = client
        .send_with(Method::POST, &path, &headers, Some(&comment))
        .await?;
    assert_eq!(elsewhere.problem(), (422, "idempotency_key_reused"));
    assert_eq!(place.text("SELECT count(*) AS x FROM posts").await?, "1");
    for key in ["", "a b", &"k".repeat(256)] {
        let refused = write(&client, key, &body).await?;
        assert_eq!(
            refused.problem(),
            (400, "invalid_idempotency_key"),
            "{key:?}"
        );
    }
    Ok(())
}

async fn a_storm_of_the_same_request_has_one_effect(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let mut storm = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let client = client.clone();
        storm.spawn(
            async move { write(&client, "k", &json!({"title": "a", "content": "b"})).await },
        );
    }
    let mut ids = Vec::new();
    while let Some(answer) = storm.join_next().await {
        let answer = answer??;
        assert_eq!(answer.status, 201, "{answer:?}");
        ids.push(answer.text("id"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(place.text("SELECT count(*) AS x FROM posts").await?, "1");
    Ok(())
}

async fn a_refusal_keeps_no_key_and_users_do_not_share_keys(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let (other, _) = service.client.sign_up("other@example.com").await?;
    let refused = write(&client, "k", &json!({"title": "", "content": "b"})).await?;
    assert_eq!(refused.problem(), (422, "invalid_field"));
    let body = json!({"title": "a", "content": "b"});
    let (mine, theirs) = (
        write(&client, "k", &body).await?,
        write(&other, "k", &body).await?,
    );
    assert_eq!((mine.status.as_u16(), theirs.status.as_u16()), (201, 201));
    assert_ne!(mine.text("id"), theirs.text("id"));
    Ok(())
}

async fn a_key_is_forgotten_after_a_day(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let body = json!({"title": "a", "content": "b"});
    let first = write(&client, "k", &body).await?.text("id");
    place
        .execute("UPDATE idempotency_keys SET created_at = '2024-01-15T10:30:00.000Z'")
        .await?;
    assert_ne!(write(&client, "k", &body).await?.text("id"), first);
    Ok(())
}
