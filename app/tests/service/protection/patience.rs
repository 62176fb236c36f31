//! Clients that take for ever, on purpose or not.

use anyhow::Result;

use super::exchange;
use crate::support::{Engine, Place, Service};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_finishes_asking_is_not_waited_for() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let address = service.address();
    let silent = exchange(address, "");
    let slow_head = exchange(address, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    let slow_body = exchange(
        address,
        "POST /auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{\"email\"",
    );
    let (silent, slow_head, slow_body) = tokio::try_join!(silent, slow_head, slow_body)?;
    assert_eq!((silent.as_str(), slow_head.as_str()), ("", ""));
    assert!(slow_body.starts_with("HTTP/1.1 408"), "{slow_body}");
    assert!(slow_body.contains("\"error\":\"timeout\""), "{slow_body}");
    assert_eq!(service.client.get("/health/live").await?.status, 200);
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_megabytes_are_refused_at_their_beginning() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let head = "POST /auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
        Content-Type: application/json\r\nContent-Length: 10485760\r\n\r\n";
    let beginning = head.to_owned() + &" ".repeat(20 * 1024);
    let refused = exchange(service.address(), &beginning).await?;
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
    assert!(
        refused.contains("\"error\":\"body_too_large\""),
        "{refused}"
    );
    service.stop().await;
    Ok(())
}
