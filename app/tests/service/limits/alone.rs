//! One process counts for itself.

use anyhow::Result;
use app::config::Role;
use hyper::{Method, StatusCode};

use crate::support::{Client, Engine, Place, Service};

/// A service on a database of its own with these limits.
async fn service(limits: &[(&str, &str)]) -> Result<(Place, Service)> {
    let place = Place::primary(Engine::Sqlite).await?;
    let mut pairs = vec![("DATABASE_URL", place.url.as_str())];
    pairs.extend(limits);
    let service = Service::start(Role::All, &pairs).await??;
    Ok((place, service))
}

async fn statuses(client: &Client, path: &str, count: usize) -> Result<Vec<u16>> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(client.get(path).await?.status.as_u16());
    }
    Ok(statuses)
}

#[tokio::test]
async fn a_user_may_ask_so_often_and_is_told_when_again() -> Result<()> {
    let (_place, service) = service(&[("RATE_LIMIT_USER", "3")]).await?;
    let (user, id) = service.client.sign_up("user@example.com").await?;
    let (other, _) = service.client.sign_up("other@example.com").await?;
    let path = format!("/api/users/{id}");
    let first = user.get(&path).await?;
    assert_eq!(first.header("ratelimit-limit"), "3");
    assert_eq!(first.header("ratelimit-remaining"), "2");
    assert_eq!(statuses(&user, &path, 2).await?, [200, 200]);
    let refused = user.get(&path).await?;
    assert_eq!(refused.problem(), (429, "too_many_requests"));
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    let wait: u64 = refused.header("retry-after").parse()?;
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit-reset"), wait.to_string());
    // Nobody else's.
    assert_eq!(other.get("/api/posts").await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn an_address_may_ask_so_often_with_whatever_tokens() -> Result<()> {
    let (_place, service) = service(&[("RATE_LIMIT_ADDRESS", "4")]).await?;
    let forged = service.client.with_token("forged");
    let found = statuses(&forged, "/api/posts", 4).await?;
    assert_eq!(found, [401, 401, 401, 401]);
    let refused = service.client.get("/api/posts").await?;
    assert_eq!(refused.problem(), (429, "too_many_requests"));
    // Whoever asks after health, or looks at the pages, is not counted.
    assert_eq!(
        statuses(&service.client, "/health/live", 9).await?,
        [200; 9]
    );
    Ok(())
}

#[tokio::test]
async fn only_a_trusted_proxy_says_where_a_request_comes_from() -> Result<()> {
    let claim = |address| [("x-forwarded-for", address)];
    let ask = async |client: &Client, address| {
        let claim = claim(address);
        let answer = client.send_with(Method::GET, "/api/posts", &claim, None);
        anyhow::Ok(answer.await?.status.as_u16())
    };
    let limit = ("RATE_LIMIT_ADDRESS", "1");
    let (_place, believing) = service(&[limit, ("TRUSTED_PROXIES", "127.0.0.0/8")]).await?;
    assert_eq!(ask(&believing.client, "192.0.2.1").await?, 401);
    assert_eq!(ask(&believing.client, "192.0.2.2").await?, 401);
    assert_eq!(ask(&believing.client, "192.0.2.1").await?, 429);
    let (_place, wary) = service(&[limit]).await?;
    assert_eq!(ask(&wary.client, "192.0.2.1").await?, 401);
    assert_eq!(ask(&wary.client, "192.0.2.2").await?, 429);
    Ok(())
}
