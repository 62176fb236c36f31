//! Writes batches of spans as OTLP has them: protobuf over HTTP. What cannot be sent is dropped and counted; the first failure in
//! a row is said, and the first batch that is taken again.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message;

use super::collector::Collector;
use crate::telemetry::metrics::LOST_SPANS;

/// One a process; asked by one thread, one batch at a time.
#[derive(Debug)]
pub struct Exporter {
    collector: Collector,
    resource: ResourceAttributesWithSchema,
    fails: AtomicBool,
}

impl Exporter {
    pub fn new(collector: Collector) -> Self {
        Self {
            collector,
            resource: ResourceAttributesWithSchema::default(),
            fails: AtomicBool::new(false),
        }
    }

    fn note(&self, spans: usize, sent: &Result<(), String>) {
        match sent {
            Ok(()) => {
                if self.fails.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector of traces takes spans again");
                }
            }
            Err(error) => {
                metrics::counter!(LOST_SPANS).increment(u64::try_from(spans).unwrap_or(u64::MAX));
                if !self.fails.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        error,
                        "the collector of traces takes no spans; they are lost"
                    );
                }
            }
        }
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let request = ExportTraceServiceRequest { resource_spans };
        let sent = self.collector.send(request.encode_to_vec()).await;
        self.note(spans, &sent);
        sent.map_err(OTelSdkError::InternalFailure)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}
