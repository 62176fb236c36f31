//! Which spans are kept, and how many wait at most to be sent.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider,
};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::SPANS;
use super::collector::{Collector, CollectorError};
use super::exporter::Exporter;
use crate::config::{Config, TracesSettings};
use crate::telemetry::REQUEST;

/// Spans that wait; more are dropped.
const WAITING: usize = 4096;
/// Spans that are sent in one request.
const BATCH: usize = 512;
/// Between two requests to the collector.
const EVERY: Duration = Duration::from_secs(1);
/// For the last spans of a process.
const LAST: Duration = Duration::from_secs(2);

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Where spans go.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// None where no collector is named. Asks the collector nothing: that it is away is no reason not to start. Inside a runtime.
    ///
    /// # Errors
    /// When the authority that vouches for the collector cannot be read.
    pub fn of(config: &Config) -> Result<Option<Self>, CollectorError> {
        let Some(settings) = &config.traces else {
            return Ok(None);
        };
        let exporter = Exporter::new(Collector::new(settings)?);
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(WAITING)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(EVERY);
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches.build());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor.build())
            .with_sampler(sampler(settings))
            .with_resource(resource(config));
        Ok(Some(Self(provider.build())))
    }

    /// The layer that turns spans of requests and of `SPANS` into a trace's.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let provider = PROVIDER.get_or_init(|| self.0.clone());
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("app"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|of| {
                of.is_span() && [REQUEST, SPANS].contains(&of.target())
            }))
    }
}

/// Who began a trace decides whether all of it is kept.
fn sampler(settings: &TracesSettings) -> Sampler {
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.share)))
}

fn resource(config: &Config) -> Resource {
    let attributes = [
        KeyValue::new("service.name", "app"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("deployment.environment.name", config.environment.as_str()),
        KeyValue::new("app.role", config.role.as_str()),
    ];
    Resource::builder_empty()
        .with_attributes(attributes)
        .build()
}

/// Whether spans go anywhere.
pub(in crate::telemetry) fn is_on() -> bool {
    PROVIDER.get().is_some()
}

/// For spans that are made after the fact.
pub(in crate::telemetry) fn tracer() -> Option<SdkTracer> {
    PROVIDER.get().map(|provider| provider.tracer("app"))
}

/// Sends what waits, within moments: the last act of a process. The runtime still has to run.
pub(in crate::telemetry) fn end() {
    if let Some(provider) = PROVIDER.get() {
        // What cannot be sent now is lost, as everything that the collector does not take.
        let _lost = provider.shutdown_with_timeout(LAST);
    }
}
