//! What every answer tells a browser, and what only some are allowed.

use anyhow::Result;
use app::config::Role;
use hyper::Method;
use serde_json::json;

use super::exchange;
use crate::support::{Answer, Engine, Place, Service};

const ONCE: [&str; 6] = [
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "content-security-policy",
    "cache-control",
];

fn has_each_once(answer: &Answer) {
    for name in ONCE {
        let values = answer.headers.get_all(name).iter().count();
        assert_eq!(values, 1, "{name} in {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_each_security_header_exactly_once() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let client = service.client_of_anybody()?;
    for path in [
        "/",
        "/docs",
        "/openapi.json",
        "/health/ready",
        "/api/posts",
        "/api/users/nonsense",
        "/nowhere",
    ] {
        has_each_once(&client.get(path).await?);
    }
    has_each_once(&service.client.get("/api/posts").await?);
    has_each_once(&client.delete("/api/posts").await?);
    let refused = service.client.post("/auth/login", &json!({})).await?;
    has_each_once(&refused);
    assert_eq!(refused.header("cache-control"), "no-store");
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_named_origins_may_call_and_no_others() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("CORS_ORIGINS", "https://app.example"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    for (origin, allowed) in [
        ("https://app.example", "https://app.example"),
        ("https://evil.example", ""),
    ] {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ];
        let asked = service
            .client
            .send_with(Method::OPTIONS, "/api/posts", &headers, None)
            .await?;
        assert_eq!(
            asked.header("access-control-allow-origin"),
            allowed,
            "{asked:?}"
        );
        let may_send = asked.header("access-control-allow-headers");
        assert!(may_send.contains("consistency-token"), "{asked:?}");
        let answer = service
            .client
            .send_with(Method::GET, "/openapi.json", &headers[..1], None)
            .await?;
        let may_read = answer.header("access-control-expose-headers");
        for name in ["location", "etag", "consistency-token", "x-request-id"] {
            assert!(may_read.contains(name), "{name}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        has_each_once(&answer);
    }
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_big_answer_is_compressed_for_who_can_read_it() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let get = |accepts: &str| {
        format!("GET /docs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{accepts}\r\n")
    };
    let small = exchange(service.address(), &get("Accept-Encoding: gzip\r\n")).await?;
    assert!(small.contains("content-encoding: gzip"), "{small}");
    let whole = exchange(service.address(), &get("")).await?;
    assert!(!whole.contains("content-encoding"), "{whole}");
    assert!(small.len() < whole.len() / 2);
    service.stop().await;
    Ok(())
}
