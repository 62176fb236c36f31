//! Changing and deleting accounts.

use anyhow::Result;
use serde_json::{Value, json};

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    what_is_left_out_stays_and_null_takes_away,
    a_change_that_cannot_be_is_refused_whole,
    an_address_that_is_taken_stays_with_its_owner,
    a_deleted_user_takes_everything_along,
);

async fn what_is_left_out_stays_and_null_takes_away(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    let names = json!({"first_name": "Zoë", "last_name": "李"});
    let changed = client.patch(&path, &names).await?;
    assert_eq!(changed.status, 200, "{changed:?}");
    let body = json!({"email": "New@Example.com", "last_name": null});
    let changed = client.patch(&path, &body).await?;
    assert_eq!(changed.text("email"), "new@example.com");
    assert_eq!(changed.text("first_name"), "Zoë");
    assert_eq!(changed.json["last_name"], Value::Null);
    assert_eq!(client.get(&path).await?.json, changed.json);
    let log_in = json!({"email": "new@example.com", "password": "correct horse battery"});
    assert_eq!(
        service.client.post("/auth/login", &log_in).await?.status,
        200
    );
    Ok(())
}

async fn a_change_that_cannot_be_is_refused_whole(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    let before = client.get(&path).await?.json;
    for body in [
        json!({"first_name": "A", "email": "no address"}),
        json!({"first_name": "A", "last_name": "é".repeat(101)}),
        json!({"first_name": ""}),
        json!({"first_name": "a\0b"}),
        json!({"first_name": 1}),
    ] {
        let answer = client.patch(&path, &body).await?;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{body}");
    }
    assert_eq!(client.get(&path).await?.json, before);
    Ok(())
}

async fn an_address_that_is_taken_stays_with_its_owner(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    service.client.sign_up("other@example.com").await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    let taken = client
        .patch(&path, &json!({"email": "OTHER@example.com"}))
        .await?;
    assert_eq!(taken.problem(), (409, "email_taken"));
    // The connection on which it failed serves on.
    let own = client
        .patch(&path, &json!({"email": "ME@example.com"}))
        .await?;
    assert_eq!(own.status, 200);
    Ok(())
}

async fn a_deleted_user_takes_everything_along(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let draft = json!({"title": "a", "content": "b", "published": true});
    client.post("/api/posts", &draft).await?;
    let deleted = client.delete(&format!("/api/users/{id}")).await?;
    assert_eq!((deleted.status.as_u16(), deleted.json), (204, Value::Null));
    for table in ["users", "posts", "sessions", "refresh_tokens"] {
        let left = format!("SELECT count(*) AS x FROM {table}");
        assert_eq!(place.text(&left).await?, "0", "{table}");
    }
    let again = client.get("/api/posts").await?;
    assert_eq!(again.problem(), (401, "invalid_token"));
    let body = json!({"email": "me@example.com", "password": "correct horse battery"});
    let log_in = service.client.post("/auth/login", &body).await?;
    assert_eq!(log_in.problem(), (401, "invalid_credentials"));
    if engine == Engine::Postgres {
        let by = "SELECT DISTINCT actor_id AS x FROM audit_log WHERE action = 'deleted'";
        assert_eq!(place.texts(by).await?, [id]);
    }
    Ok(())
}
