//! What every answer has, whatever was asked.

use anyhow::Result;
use hyper::Method;

use crate::support::{Engine, Place, Service, on_both_engines};

on_both_engines!(
    every_answer_carries_the_request_id,
    health_answers_without_a_token
);

async fn every_answer_carries_the_request_id(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let client = &service.client;
    for path in ["/health/live", "/nothing", "/api/posts"] {
        let given = client
            .request(Method::GET, path)
            .header("x-request-id", "client-1");
        assert_eq!(
            client.send(given, "".into()).await?.header("x-request-id"),
            "client-1"
        );
        let made = client.get(path).await?;
        assert_eq!(made.header("x-request-id").len(), 36, "{path}");
    }
    let harmful = client
        .request(Method::GET, "/health/live")
        .header("x-request-id", "a b\"c");
    assert_eq!(
        client
            .send(harmful, "".into())
            .await?
            .header("x-request-id")
            .len(),
        36
    );
    Ok(())
}

async fn health_answers_without_a_token(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let client = &service.client;
    assert_eq!(client.get("/health/live").await?.status, 200);
    let ready = client.get("/health/ready").await?;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json["status"], "ready");
    assert_eq!(ready.json["mode"], "normal");
    assert_eq!(ready.json["lineage_id"], place.lineage_id.to_string());
    assert!(ready.json["generation"].is_null());
    Ok(())
}
