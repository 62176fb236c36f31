//! Input that nobody sends by mistake. Each gets one clear answer in the contract's body; none brings the process down.

use anyhow::Result;
use hyper::Method;
use serde_json::json;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    a_broken_body_is_refused,
    a_field_that_cannot_be_meant_is_refused,
    a_huge_body_is_refused,
    what_is_not_there_is_said_in_the_same_words,
);

async fn a_broken_body_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let deep = format!("{{\"x\": {}", "[".repeat(100_000));
    let broken: [&[u8]; 9] = [
        b"",
        b"{",
        b"{\"email\": \"a@b.c\"",
        b"not json",
        b"\xff\xfe",
        b"{\"email\": \"\xc3\x28\"}",
        b"{\"email\": \"\\ud800\"}",
        b"\0",
        deep.as_bytes(),
    ];
    for path in ["/api/users", "/auth/login"] {
        for body in broken.iter().filter(|body| body.len() < 10_000) {
            let answer = service.client.post_bytes(path, body.to_vec()).await?;
            assert_eq!(
                answer.problem(),
                (400, "invalid_json"),
                "{}",
                body.escape_ascii()
            );
        }
        let answer = service.client.post_bytes(path, broken[8].to_vec()).await?;
        assert_eq!(answer.problem(), (413, "body_too_large"));
    }
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let answer = client.post_bytes("/api/posts", broken[8].to_vec()).await?;
    assert_eq!(answer.problem(), (400, "invalid_json"));
    Ok(())
}

async fn a_field_that_cannot_be_meant_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let good = json!({"email": "a@example.com", "password": "correct horse"});
    for (field, value) in [
        ("email", json!("a\0@example.com")),
        ("email", json!("no address")),
        ("email", json!(7)),
        ("email", json!(null)),
        ("password", json!("short")),
        ("password", json!("x".repeat(129))),
        ("password", json!("with\0nul inside")),
        ("password", json!(["correct horse"])),
        ("first_name", json!("")),
        ("first_name", json!("\0")),
        ("last_name", json!({})),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let answer = service.client.post("/api/users", &body).await?;
        assert_eq!(answer.problem(), (422, "invalid_field"), "{body}");
    }
    assert_eq!(
        service
            .client
            .post("/api/users", &json!([]))
            .await?
            .problem()
            .0,
        422
    );
    assert_eq!(place.text("SELECT count(*) AS x FROM users").await?, "0");

    let (client, _) = service.client.sign_up("me@example.com").await?;
    for body in [
        json!({"title": "a\0b", "content": "c"}),
        json!({"title": "a", "content": "b\0c"}),
        json!({"title": "a", "content": ""}),
        json!({"title": "a", "content": "b", "published": "yes"}),
    ] {
        assert_eq!(
            client.post("/api/posts", &body).await?.problem().0,
            422,
            "{body}"
        );
    }
    Ok(())
}

async fn a_huge_body_is_refused(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let huge = json!({"title": "a", "content": "x".repeat(1024 * 1024)});
    assert_eq!(
        client.post("/api/posts", &huge).await?.problem(),
        (413, "body_too_large")
    );
    let long = json!({"email": "a@b.c", "password": "x".repeat(20_000)});
    for path in ["/api/users", "/auth/login"] {
        assert_eq!(
            client.post(path, &long).await?.problem(),
            (413, "body_too_large")
        );
    }
    Ok(())
}

async fn what_is_not_there_is_said_in_the_same_words(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let client = &service.client;
    assert_eq!(client.get("/nothing").await?.problem(), (404, "not_found"));
    assert_eq!(
        client.get("/api/users/a/b").await?.problem(),
        (404, "not_found")
    );
    let wrong = client
        .send(client.request(Method::DELETE, "/api/posts"), "".into())
        .await?;
    assert_eq!(wrong.problem(), (405, "method_not_allowed"));
    let untyped = client
        .send(client.request(Method::POST, "/api/users"), "{}".into())
        .await?;
    assert_eq!(untyped.problem(), (415, "unsupported_media_type"));
    for scheme in ["Basic abc", "Bearer", "Bearer ", "bearer \t", "Bearer a b"] {
        let request = client
            .request(Method::GET, "/api/posts")
            .header("authorization", scheme);
        let answer = client.send(request, "".into()).await?;
        assert_eq!(answer.problem(), (401, "invalid_token"), "{scheme}");
    }
    Ok(())
}
