//! A collector that is away, or that hangs, is the collector's trouble.

use std::time::{Duration, Instant};

use anyhow::Result;
use testkit::otlp::Collector;

use crate::support::{Client, Engine, Place, Spawned, eventually};

const REQUESTS: usize = 200;

async fn asked_much(client: &Client) -> Result<Duration> {
    let began = Instant::now();
    for _ in 0..REQUESTS {
        assert_eq!(client.get("/health/live").await?.status, 200);
    }
    Ok(began.elapsed())
}

/// The lines that speak of the collector.
fn warnings(lines: &[serde_json::Value]) -> usize {
    let of_traces = lines.iter().filter(|line| {
        let said = line["message"].as_str().unwrap_or_default();
        said.contains("collector of traces")
    });
    let levels: Vec<_> = of_traces.map(|line| line["level"].clone()).collect();
    assert!(levels.iter().all(|level| level == "WARNING"), "{lines:?}");
    levels.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_gone_costs_one_warning_and_the_spans() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let nobody = format!("http://127.0.0.1:{}", testkit::ports::free_port()?);
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &nobody),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let line = process.line().await?.unwrap_or_default();
    let at = |name: &str| Client::new(line[name].as_str().unwrap_or_default());
    let (client, inside) = (at("address"), at("metrics"));
    // Twice, with a batch lost between them.
    for _ in 0..2 {
        asked_much(&client).await?;
        eventually("spans are lost, and counted", async || {
            let text = inside.get("/metrics").await.ok()?.json;
            let lost = text
                .as_str()?
                .lines()
                .find_map(|line| line.strip_prefix("trace_spans_lost_total "));
            (lost?.parse::<u64>().ok()? > 0).then_some(())
        })
        .await?;
    }
    process.signal("-TERM")?;
    let (status, lines) = process.end().await?;
    assert_eq!(status.code(), Some(0));
    assert_eq!(warnings(&lines), 1, "{lines:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_hangs_holds_up_neither_requests_nor_the_end() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let collector = Collector::start().await?;
    collector.hang(true);
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url()),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let client = process.client().await?;
    asked_much(&client).await?;
    eventually("the collector was asked", async || {
        collector.was_asked().then_some(())
    })
    .await?;
    // More than wait for the collector at most.
    let took = asked_much(&client).await?;
    assert!(took < Duration::from_secs(20), "{took:?}");
    let began = Instant::now();
    process.signal("-TERM")?;
    assert_eq!(process.end().await?.0.code(), Some(0));
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}
