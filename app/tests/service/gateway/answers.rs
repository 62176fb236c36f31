//! What passes the gateway, and what it says itself.

use anyhow::Result;
use hyper::Method;
use serde_json::Value;
use testkit::ports::free_port;

use super::front::Front;
use crate::support::{Engine, Place, Service};

#[tokio::test]
async fn the_request_s_id_is_one_from_the_gateway_to_the_service_and_back() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let front = Front::before(&[service.client.address()])?;
    let given = [("x-request-id", "from-the-client")];
    let answer = front
        .client
        .send_with(Method::GET, "/health/live", &given, None)
        .await?;
    assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    assert_eq!(answer.header("x-request-id"), "from-the-client");
    let harmful = [("x-request-id", "{\"level\":\"x\"}")];
    let answer = front
        .client
        .send_with(Method::GET, "/health/live", &harmful, None)
        .await?;
    let made = answer.header("x-request-id").to_owned();
    assert!(made.len() >= 32 && !made.contains('{'), "{made}");
    let lines = front.log_lines(2).await?;
    let ids: Vec<&Value> = lines.iter().map(|line| &line["request_id"]).collect();
    assert_eq!(ids, ["from-the-client", made.as_str()]);
    for line in &lines {
        assert_eq!(
            (&line["level"], &line["error"]),
            (&"INFO".into(), &Value::Null)
        );
    }
    Ok(())
}

#[tokio::test]
async fn no_header_is_written_by_both() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let front = Front::before(&[service.client.address()])?;
    for path in ["/", "/health/ready", "/api/posts", "/no/such/route"] {
        let (direct, passed) = (
            service.client.get(path).await?,
            front.client.get(path).await?,
        );
        for name in passed.headers.keys() {
            let count = passed.headers.get_all(name).iter().count();
            assert_eq!(count, 1, "{path}: {name}");
        }
        for name in direct.headers.keys() {
            assert!(passed.headers.contains_key(name), "{path} lost {name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_for_the_inside_never_passes() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let front = Front::before(&[service.client.address()])?;
    for path in ["/metrics", "/internal/verify", "/internal/"] {
        let answer = front.client.get(path).await?;
        assert_eq!(answer.problem(), (404, "not_found"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn where_nobody_answers_the_gateway_says_so_as_the_service_would() -> Result<()> {
    let nobody = format!("127.0.0.1:{}", free_port()?);
    let front = Front::before(&[&nobody])?;
    let answer = front.client.get("/api/posts").await?;
    assert_eq!(answer.problem(), (503, "unavailable"));
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.header("x-request-id").is_empty());
    let lines = front.log_lines(1).await?;
    assert_eq!(
        (&lines[0]["status"], &lines[0]["level"]),
        (&503.into(), &"WARNING".into())
    );
    let error = lines[0]["error"].as_str().unwrap_or_default();
    assert!(error.starts_with(&nobody), "{}", lines[0]);
    Ok(())
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_in_the_contract_s_shape() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let front = Front::before(&[service.client.address()])?;
    let answer = front
        .client
        .post_bytes("/api/users", vec![b'x'; 10 * 1024 * 1024])
        .await?;
    assert_eq!(answer.problem(), (413, "body_too_large"));
    Ok(())
}
