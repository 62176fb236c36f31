//! Sessions from log-in to their end.

use anyhow::Result;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_refresh_token_is_good_for_one_use_and_its_theft_ends_the_session,
    a_log_out_ends_one_session_and_leaves_the_others,
    a_new_password_ends_every_session,
    a_session_ends_after_its_time,
    a_wrong_current_password_changes_nothing,
);

const PASSWORD: &str = "correct horse battery";

async fn log_in(client: &Client, password: &str) -> Result<Answer> {
    let body = json!({"email": "me@example.com", "password": password});
    client.post("/auth/login", &body).await
}

async fn refresh(client: &Client, token: &str) -> Result<Answer> {
    client
        .post("/auth/refresh", &json!({"refresh_token": token}))
        .await
}

async fn a_refresh_token_is_good_for_one_use_and_its_theft_ends_the_session(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (_, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    let first = log_in(&service.client, PASSWORD)
        .await?
        .text("refresh_token");
    let second = refresh(&service.client, &first).await?;
    assert_eq!(second.status, 200, "{second:?}");
    assert_eq!(second.header("cache-control"), "no-store");
    let client = service.client.with_token(second.text("access_token"));
    assert_eq!(client.get(&path).await?.status, 200);
    let thief = refresh(&service.client, &first).await?;
    assert_eq!(thief.problem(), (401, "invalid_refresh_token"));
    // Who of the two is the thief nobody knows: neither goes on.
    let victim = refresh(&service.client, &second.text("refresh_token")).await?;
    assert_eq!(victim.problem(), (401, "invalid_refresh_token"));
    assert_eq!(client.get(&path).await?.problem(), (401, "invalid_token"));
    let never = refresh(&service.client, "never given").await?;
    assert_eq!(never.json, thief.json);
    // A token stands nowhere in the database.
    let kept = "SELECT token_hash AS x FROM refresh_tokens";
    assert!(!place.texts(kept).await?.contains(&first));
    Ok(())
}

async fn a_log_out_ends_one_session_and_leaves_the_others(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (other, id) = service.client.sign_up("me@example.com").await?;
    let session = log_in(&service.client, PASSWORD).await?;
    let client = service.client.with_token(session.text("access_token"));
    let out = client.post("/auth/logout", &json!({})).await?;
    assert_eq!((out.status.as_u16(), out.json), (204, Value::Null));
    let path = format!("/api/users/{id}");
    assert_eq!(client.get(&path).await?.problem(), (401, "invalid_token"));
    let refreshed = refresh(&service.client, &session.text("refresh_token")).await?;
    assert_eq!(refreshed.problem(), (401, "invalid_refresh_token"));
    assert_eq!(other.get(&path).await?.status, 200);
    Ok(())
}

async fn a_new_password_ends_every_session(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let session = log_in(&service.client, PASSWORD).await?;
    let other = service.client.with_token(session.text("access_token"));
    let body = json!({"current_password": PASSWORD, "new_password": "another horse"});
    let changed = client
        .post(&format!("/api/users/{id}/password"), &body)
        .await?;
    assert_eq!(changed.status, 204, "{changed:?}");
    for client in [&client, &other] {
        let answer = client.get(&format!("/api/users/{id}")).await?;
        assert_eq!(answer.problem(), (401, "invalid_token"));
    }
    let refreshed = refresh(&service.client, &session.text("refresh_token")).await?;
    assert_eq!(refreshed.problem(), (401, "invalid_refresh_token"));
    assert_eq!(log_in(&service.client, PASSWORD).await?.status, 401);
    assert_eq!(log_in(&service.client, "another horse").await?.status, 200);
    Ok(())
}

async fn a_session_ends_after_its_time(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    service.client.sign_up("me@example.com").await?;
    let token = log_in(&service.client, PASSWORD)
        .await?
        .text("refresh_token");
    place
        .execute("UPDATE sessions SET expires_at = '2024-01-15T10:30:00.000Z'")
        .await?;
    let refused = refresh(&service.client, &token).await?;
    assert_eq!(refused.problem(), (401, "invalid_refresh_token"));
    // The next log-in takes away what has run out.
    log_in(&service.client, PASSWORD).await?;
    assert_eq!(place.text("SELECT count(*) AS x FROM sessions").await?, "1");
    Ok(())
}

async fn a_wrong_current_password_changes_nothing(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}/password");
    let body = json!({"current_password": "wrong horse", "new_password": "another horse"});
    assert_eq!(
        client.post(&path, &body).await?.problem(),
        (422, "wrong_password")
    );
    let body = json!({"current_password": PASSWORD, "new_password": "short"});
    assert_eq!(
        client.post(&path, &body).await?.problem(),
        (422, "invalid_field")
    );
    assert_eq!(log_in(&service.client, PASSWORD).await?.status, 200);
    Ok(())
}
