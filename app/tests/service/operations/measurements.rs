//! What Prometheus reads, and where.

use anyhow::Result;

use crate::support::{Engine, Place, Service};

#[tokio::test]
async fn requests_are_measured_by_route_with_a_boundary_where_the_alert_is() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let (user, id) = service.client.sign_up("measured@example.com").await?;
    user.get(&format!("/api/users/{id}")).await?;
    let text = service.measurements().await?;
    for expected in [
        r#"http_request_duration_seconds_bucket{method="GET",route="/api/users/{id}",le="0.5"}"#,
        r#"http_requests_total{method="GET",route="/api/users/{id}",status="200"}"#,
        // Nothing failed yet, and that is said.
        r#"http_requests_total{method="POST",route="/auth/refresh",status="500"} 0"#,
        r#"http_requests_total{method="POST",route="/auth/refresh",status="503"} 0"#,
        r#"rate_limited_total{of="user"} "#,
        r#"database_connections{state="idle"}"#,
        "database_connections_max ",
        "process_resident_memory_bytes ",
        "process_cpu_seconds ",
        "http_requests_in_flight ",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    assert!(!text.contains(&id), "an id is no label");
    Ok(())
}

#[tokio::test]
async fn the_public_listener_knows_nothing_of_measurements() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let service = Service::on(&place).await?;
    let answer = service.client.get("/metrics").await?;
    assert_eq!(answer.problem(), (404, "not_found"));
    Ok(())
}
