//! `ETag`, `If-None-Match` and `If-Match`.

use anyhow::Result;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    what_the_client_has_is_not_sent_again,
    of_two_changes_of_the_same_version_one_is_refused,
    a_change_of_a_version_that_is_gone_is_refused,
);

async fn what_the_client_has_is_not_sent_again(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let body = json!({"title": "a", "content": "b"});
    let post = client.post("/api/posts", &body).await?.text("id");
    for (path, caching) in [
        (format!("/api/users/{id}"), "private, max-age=300"),
        (format!("/api/posts/{post}"), "private, no-cache"),
    ] {
        let first = client.get(&path).await?;
        let tag = first.header("etag").to_owned();
        assert_eq!(first.header("cache-control"), caching);
        for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".into()] {
            let headers = [("if-none-match", known.as_str())];
            let again = client.send_with(Method::GET, &path, &headers, None).await?;
            assert_eq!(
                (again.status.as_u16(), again.json.clone()),
                (304, Value::Null),
                "{known}"
            );
            assert_eq!(again.header("etag"), tag);
        }
        let headers = [("if-none-match", "\"x\"")];
        let other = client.send_with(Method::GET, &path, &headers, None).await?;
        assert_eq!(other.status, 200);
    }
    // To whom it belongs is asked before whether it changed.
    let (stranger, _) = service.client.sign_up("stranger@example.com").await?;
    let headers = [("if-none-match", "*")];
    let path = format!("/api/users/{id}");
    let refused = stranger
        .send_with(Method::GET, &path, &headers, None)
        .await?;
    assert_eq!(refused.problem(), (403, "insufficient_permissions"));
    Ok(())
}

async fn of_two_changes_of_the_same_version_one_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let body = json!({"title": "a", "content": "b"});
    let post = client.post("/api/posts", &body).await?.text("id");
    let path = format!("/api/posts/{post}");
    let tag = client.get(&path).await?.header("etag").to_owned();
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (client, path, tag) = (client.clone(), path.clone(), tag.clone());
        changes.spawn(async move {
            let headers = [("if-match", tag.as_str())];
            let body = json!({"title": format!("number {number}")});
            client
                .send_with(Method::PATCH, &path, &headers, Some(&body))
                .await
        });
    }
    let mut done = 0;
    while let Some(answer) = changes.join_next().await {
        let answer = answer??;
        match answer.status.as_u16() {
            200 => done += 1,
            _ => assert_eq!(answer.problem(), (412, "precondition_failed")),
        }
    }
    assert_eq!(done, 1);
    Ok(())
}

async fn a_change_of_a_version_that_is_gone_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    let body = json!({"first_name": "A"});
    let old = client.get(&path).await?.header("etag").to_owned();
    let new = client.patch(&path, &body).await?.header("etag").to_owned();
    assert_ne!(old, new);
    for method in [Method::PATCH, Method::DELETE] {
        let headers = [("if-match", old.as_str())];
        let refused = client
            .send_with(method, &path, &headers, Some(&body))
            .await?;
        assert_eq!(refused.problem(), (412, "precondition_failed"));
    }
    let headers = [("if-match", new.as_str())];
    let done = client
        .send_with(Method::DELETE, &path, &headers, None)
        .await?;
    assert_eq!(done.status, 204);
    Ok(())
}
