//! The way to the collector, and what is asked for before spans go there.

use anyhow::Result;
use app::config::{Config, Role};
use testkit::certificates::Authority;
use testkit::otlp::Collector;

use crate::support::{Engine, Place, Spawned, eventually, variables};

async fn process_that_traces(place: &Place, collector: &Collector, ca: &str) -> Result<Spawned> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url()),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", ca),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    process.client().await?.get("/health/live").await?;
    Ok(process)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_go_over_tls_to_a_collector_that_proves_its_name_and_to_no_other() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let folder = tempfile::tempdir()?;
    let (ours, theirs) = (Authority::new()?, Authority::new()?);
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, ours.pem())?;
    let ca = ca.display().to_string();
    let collector = Collector::start_encrypted(&ours.issue(&["localhost"])?).await?;
    let _process = process_that_traces(&place, &collector, &ca).await?;
    eventually("a span arrived", async || {
        collector.spans().first().cloned()
    })
    .await?;
    let impostor = Collector::start_encrypted(&theirs.issue(&["localhost"])?).await?;
    let mut process = process_that_traces(&place, &impostor, &ca).await?;
    let said = loop {
        let line = process.line().await?.unwrap_or_default();
        if line["level"] == "WARNING" && line["error"].is_string() {
            break line;
        }
    };
    let error = said["error"].as_str().unwrap_or_default();
    assert!(error.to_lowercase().contains("certificate"), "{said}");
    assert!(!impostor.was_asked());
    Ok(())
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_ends_the_start_with_its_name() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem"),
    ];
    let (status, lines) = Spawned::start(&[], &pairs)?.end().await?;
    assert_eq!(status.code(), Some(1));
    assert!(
        lines[0]["error"].to_string().contains("/nowhere/ca.pem"),
        "{lines:?}"
    );
    assert!(
        lines[0]["hint"]
            .to_string()
            .contains("OTEL_EXPORTER_OTLP_CERTIFICATE")
    );
    Ok(())
}

#[tokio::test]
async fn staging_and_production_refuse_a_way_that_others_can_read() -> Result<()> {
    for environment in ["staging", "production"] {
        let named = |url: &str| {
            variables(&[
                ("APP_ENV", environment),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
            ])
        };
        let refused = async |url: &str| {
            let variables = named(url);
            let read = Config::read(Role::Api, |name| variables.get(name).cloned()).await;
            let findings = read.err().map(|findings| findings.to_string());
            findings
                .unwrap_or_default()
                .contains("OTEL_EXPORTER_OTLP_ENDPOINT")
        };
        assert!(refused("http://collector.example:4318").await);
        assert!(!refused("https://collector.example:4318").await);
    }
    Ok(())
}
