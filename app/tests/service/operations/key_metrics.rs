//! The specification's "Key Metrics", line by line.

use anyhow::Result;
use hyper::StatusCode;

use crate::support::{Client, Engine, Place, Spawned, eventually, on_both_engines};

on_both_engines!(every_line_of_the_key_metrics_is_measured);

/// Each line, and what a process says of it.
const KEY_METRICS: &[(&str, &[&str])] = &[
    (
        "API response time (p50, p95, p99 latencies)",
        &[
            r#"http_request_duration_seconds_bucket{method="GET",route="/api/users/{id}",le="0.5"} "#,
            r#"http_request_duration_seconds_count{method="GET",route="/api/users/{id}"} "#,
        ],
    ),
    (
        "Throughput (requests per second)",
        &[r#"http_requests_total{method="GET",route="/api/users/{id}",status="200"} 2"#],
    ),
    (
        "Error rate (% of requests that fail)",
        &[r#"http_requests_total{method="GET",route="/api/users/{id}",status="500"} 0"#],
    ),
    (
        "Database query time (slow query log)",
        &[
            r#"database_query_duration_seconds_bucket{operation="SELECT",le="0.5"} "#,
            r#"database_query_duration_seconds_count{operation="INSERT"} "#,
            "database_slow_queries_total 0",
            "database_pool_wait_seconds_count ",
            r#"database_connections{state="used"} "#,
            r#"database_connections{state="idle"} "#,
            "database_connections_max ",
        ],
    ),
    (
        "Cache hit rate (% of requests served from cache)",
        &[
            r#"cache_requests_total{cache="users",result="hit"} 1"#,
            r#"cache_requests_total{cache="users",result="miss"} 1"#,
            r#"cache_requests_total{cache="posts",result="hit"} 0"#,
        ],
    ),
    (
        "Active users (daily/monthly)",
        &[
            r#"app_active_users{window="day"} "#,
            r#"app_active_users{window="30_days"} "#,
        ],
    ),
    (
        "Conversion rate (signups to paid)",
        &["app_conversion_ratio "],
    ),
    (
        "User retention (% still using after 30 days)",
        &["app_retention_30_days_ratio 1"],
    ),
    (
        "CPU usage (per pod, per cluster)",
        &["process_cpu_seconds "],
    ),
    (
        "Memory usage (per pod, per cluster)",
        &["process_resident_memory_bytes "],
    ),
    (
        "Disk usage (database, storage)",
        &["database_size_bytes ", "storage_size_bytes "],
    ),
    (
        "Network I/O (bytes in/out per second)",
        &[
            "process_network_receive_bytes ",
            "process_network_transmit_bytes ",
        ],
    ),
];

/// Somebody who signed up 40 days ago and was here today.
async fn somebody_who_stayed(place: &Place) -> Result<()> {
    let ago = match place.engine {
        Engine::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-40 days')",
        Engine::Postgres => "now() - interval '40 days'",
    };
    let today = match place.engine {
        Engine::Sqlite => "date('now')",
        Engine::Postgres => "current_date",
    };
    place
        .execute(&format!(
            "INSERT INTO users (email, password_hash, created_at, updated_at) VALUES ('old@example.com', 'x', {ago}, {ago})"
        ))
        .await?;
    place
        .execute(&format!(
            "INSERT INTO user_activity (user_id, day) SELECT id, {today} FROM users WHERE email = 'old@example.com'"
        ))
        .await
}

async fn every_line_of_the_key_metrics_is_measured(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    somebody_who_stayed(&place).await?;
    let mut process = Spawned::start(&[], &[("DATABASE_URL", &place.url)])?;
    let line = process.line().await?.unwrap_or_default();
    let at = |name: &str| Client::new(line[name].as_str().unwrap_or_default());
    let inside = at("metrics");
    let (user, id) = at("address").sign_up("measured@example.com").await?;
    for _ in 0..2 {
        let answer = user.get(&format!("/api/users/{id}")).await?;
        assert_eq!(answer.status, StatusCode::OK);
    }
    // The business figures are counted a little later than the start.
    let missing = |text: &str| -> Vec<&str> {
        let lines = KEY_METRICS.iter();
        let missing = lines.filter(|(_, all)| !all.iter().all(|one| text.contains(one)));
        missing.map(|(line, _)| *line).collect()
    };
    let measured = eventually("every line is measured", async || {
        let text = inside.get("/metrics").await.ok()?.json.as_str()?.to_owned();
        missing(&text).is_empty().then_some(())
    });
    if measured.await.is_err() {
        let text = inside.get("/metrics").await?.json;
        let text = text.as_str().unwrap_or_default();
        panic!("{:?} of\n{text}", missing(text));
    }
    Ok(())
}
