//! A span as it arrived.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1,
};

/// What tests ask of a span. Ids are in hexadecimal; a span that begins a trace has an empty `parent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it is called.
    pub name: String,
    /// Of the trace.
    pub trace: String,
    /// Its own.
    pub id: String,
    /// Of the span that it is inside of.
    pub parent: String,
    /// As the protocol counts them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub kind: i32,
    /// Values as text.
    pub attributes: BTreeMap<String, String>,
    /// Nanoseconds from its beginning to its end.
    pub took: u64,
}

impl Span {
    /// An attribute, or nothing.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    pub(super) fn all_of(request: ExportTraceServiceRequest) -> Vec<Self> {
        let scopes = request.resource_spans.into_iter();
        let scopes = scopes.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(Self::of).collect()
    }

    fn of(span: v1::Span) -> Self {
        let attributes = span.attributes.into_iter();
        let told = |value: Option<Value>| match value {
            Some(Value::StringValue(text)) => text,
            Some(Value::BoolValue(yes)) => yes.to_string(),
            Some(Value::IntValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        Self {
            name: span.name,
            trace: hexadecimal(&span.trace_id),
            id: hexadecimal(&span.span_id),
            parent: hexadecimal(&span.parent_span_id),
            kind: span.kind,
            attributes: attributes
                .map(|one| (one.key, told(one.value.and_then(|value| value.value))))
                .collect(),
            took: span
                .end_time_unix_nano
                .saturating_sub(span.start_time_unix_nano),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
