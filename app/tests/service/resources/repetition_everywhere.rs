//! `Idempotency-Key` on every write but those that answer with a secret.

use anyhow::Result;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Engine, Place, Service, on_both_engines};

on_both_engines!(
    every_write_that_is_asked_again_is_answered_again_and_done_once,
    every_key_that_is_used_for_something_else_is_refused,
    a_sign_up_that_is_asked_again_is_one_account_and_another_password_is_another_request,
    a_change_that_is_asked_again_overwrites_nothing_that_came_between,
);

async fn send(
    client: &Client,
    (method, path): (Method, &str),
    body: Option<&Value>,
    key: &str,
) -> Result<Answer> {
    let headers = [("idempotency-key", key)];
    client.send_with(method, path, &headers, body).await
}

/// Twice with one key: the same answer, word for word.
async fn twice(
    client: &Client,
    (method, path): (Method, &str),
    body: Option<&Value>,
) -> Result<Answer> {
    let key = format!("{method}-{path}");
    let first = send(client, (method.clone(), path), body, &key).await?;
    assert!(first.status.is_success(), "{method} {path}: {first:?}");
    let again = send(client, (method.clone(), path), body, &key).await?;
    assert_eq!(
        (again.status, &again.json),
        (first.status, &first.json),
        "{method} {path}"
    );
    for header in ["etag", "location", "content-type", "cache-control"] {
        assert_eq!(
            again.header(header),
            first.header(header),
            "{method} {path}"
        );
    }
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(
        again.header("idempotency-replayed"),
        "true",
        "{method} {path}"
    );
    Ok(first)
}

async fn every_write_that_is_asked_again_is_answered_again_and_done_once(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let admin = service.admin(&place).await?;
    let (user, id) = service.client.sign_up("me@example.com").await?;
    let own = format!("/api/users/{id}");
    twice(
        &user,
        (Method::PATCH, &own),
        Some(&json!({"first_name": "A"})),
    )
    .await?;
    let draft = json!({"title": "a", "content": "b"});
    let post = twice(&user, (Method::POST, "/api/posts"), Some(&draft)).await?;
    let post = format!("/api/posts/{}", post.text("id"));
    twice(&user, (Method::PATCH, &post), Some(&json!({"title": "c"}))).await?;
    twice(&user, (Method::POST, &format!("{post}/publish")), None).await?;
    let comments = format!("{post}/comments");
    let comment = json!({"content": "d"});
    let comment = twice(&user, (Method::POST, &comments), Some(&comment)).await?;
    let comment = format!("/api/comments/{}", comment.text("id"));
    twice(&user, (Method::DELETE, &comment), None).await?;
    twice(&user, (Method::DELETE, &post), None).await?;
    let flag = ("/api/admin/flags/FEATURE_X", json!({"enabled": true}));
    twice(&admin, (Method::PUT, flag.0), Some(&flag.1)).await?;
    twice(&admin, (Method::PUT, "/api/reports/subscription"), None).await?;
    twice(&admin, (Method::DELETE, "/api/reports/subscription"), None).await?;
    twice(&admin, (Method::POST, "/api/admin/dead-letters"), None).await?;
    let job = format!("/api/admin/jobs/{}", uuid::Uuid::new_v4());
    twice(&admin, (Method::POST, &job), None).await?;
    twice(&admin, (Method::DELETE, &own), None).await?;
    let events = "SELECT count(*) AS x FROM outbox WHERE kind IN \
        ('user.changed', 'post.created', 'post.changed', 'post.published', 'comment.created', 'comment.deleted', \
         'post.deleted', 'user.deleted')";
    assert_eq!(place.text(events).await?, "8");
    Ok(())
}

async fn every_key_that_is_used_for_something_else_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (user, id) = service.client.sign_up("me@example.com").await?;
    let own = format!("/api/users/{id}");
    let name = |name: &str| json!({"first_name": name});
    let first = send(&user, (Method::PATCH, &own), Some(&name("A")), "k").await?;
    assert_eq!(first.status, StatusCode::OK);
    // The same words in another order are the same request.
    let both = json!({"first_name": "A", "last_name": "B"});
    send(&user, (Method::PATCH, &own), Some(&both), "both").await?;
    let turned = r#"{ "last_name": "B", "first_name": "A" }"#;
    let request = user.request(Method::PATCH, &own);
    let request = request.header("idempotency-key", "both");
    let request = request.header("content-type", "application/json");
    let answer = user.send(request, turned.into()).await?;
    assert_eq!(answer.header("idempotency-replayed"), "true", "{answer:?}");
    for (method, path, body) in [
        (Method::PATCH, own.as_str(), Some(name("C"))),
        (Method::DELETE, own.as_str(), None),
        (
            Method::POST,
            "/api/posts",
            Some(json!({"title": "a", "content": "b"})),
        ),
    ] {
        let refused = send(&user, (method, path), body.as_ref(), "k").await?;
        assert_eq!(refused.problem(), (422, "idempotency_key_reused"));
    }
    let malformed = send(&user, (Method::DELETE, &own), None, "two words").await?;
    assert_eq!(malformed.problem(), (400, "invalid_idempotency_key"));
    Ok(())
}

async fn a_sign_up_that_is_asked_again_is_one_account_and_another_password_is_another_request(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let sign_up = |password: &str| json!({"email": "me@example.com", "password": password});
    let to = || (Method::POST, "/api/users");
    let nobody = &service.client;
    let created = twice(nobody, to(), Some(&sign_up("correct horse battery"))).await?;
    assert_eq!(created.status, StatusCode::CREATED);
    let key = "POST-/api/users";
    let other = send(nobody, to(), Some(&sign_up("another password")), key).await?;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));
    let taken = send(nobody, to(), Some(&sign_up("correct horse battery")), "new").await?;
    assert_eq!(taken.problem(), (409, "email_taken"));
    assert_eq!(place.text("SELECT count(*) AS x FROM users").await?, "1");
    // Whoever reads the table can guess the password no quicker than from its own hash.
    let kept = place
        .text("SELECT request_hash AS x FROM idempotency_keys")
        .await?;
    assert!(kept.starts_with("$argon2id$"), "{kept}");
    Ok(())
}

async fn a_change_that_is_asked_again_overwrites_nothing_that_came_between(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (user, id) = service.client.sign_up("me@example.com").await?;
    let own = format!("/api/users/{id}");
    let change = |name: &str| json!({"first_name": name});
    send(&user, (Method::PATCH, &own), Some(&change("A")), "k").await?;
    send(&user, (Method::PATCH, &own), Some(&change("B")), "l").await?;
    let again = send(&user, (Method::PATCH, &own), Some(&change("A")), "k").await?;
    assert_eq!(again.json["first_name"], "A");
    assert_eq!(user.get(&own).await?.json["first_name"], "B");
    Ok(())
}
