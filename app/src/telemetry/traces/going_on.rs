//! Where a trace goes on: from whoever asked, to whoever is asked, and to whoever acts later. As the W3C writes it
//! (`traceparent`, `tracestate`).

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{Status, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::is_on;

const PARENT: &str = "traceparent";

/// A request's span, before anybody has entered it.
pub fn asked(span: &Span, method: &Method, route: &str, headers: &HeaderMap) {
    if !is_on() {
        return;
    }
    let from =
        TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    // Fails where nobody listens to spans; then there is nothing to go on with.
    let _listened = span.set_parent(from);
    span.record("otel.name", format!("{method} {route}"));
    span.record("otel.kind", "server");
    span.set_attribute("http.request.method", method.to_string());
    span.set_attribute("http.route", route.to_owned());
}

/// The end of the request whose span this is inside of.
pub fn answered(status: StatusCode) {
    if !is_on() {
        return;
    }
    let span = Span::current();
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(Status::error(status.as_str().to_owned()));
    }
}

/// Tells whoever is asked on which trace they are asked.
pub fn pass_on(headers: &mut HeaderMap) {
    if is_on() {
        TraceContextPropagator::new().inject(&mut HeadersToSend(headers));
    }
}

/// The place on the trace, for whoever acts later; none off a trace.
pub fn here() -> Option<String> {
    if !is_on() || !Context::current().span().span_context().is_valid() {
        return None;
    }
    let mut line = Line(None);
    TraceContextPropagator::new().inject(&mut line);
    line.0
}

/// Goes on from a place that was kept; before anybody has entered the span.
pub fn go_on(span: &Span, from: Option<&str>) {
    if let Some(from) = from.filter(|_| is_on()) {
        let line = Line(Some(from.to_owned()));
        let from = TraceContextPropagator::new().extract_with_context(&Context::new(), &line);
        let _listened = span.set_parent(from);
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct HeadersToSend<'a>(&'a mut HeaderMap);

impl Injector for HeadersToSend<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = HeaderName::try_from(key).ok();
        let value = HeaderValue::try_from(value).ok();
        if let (Some(name), Some(value)) = (name, value) {
            self.0.insert(name, value);
        }
    }
}

struct Line(Option<String>);

impl Extractor for Line {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.as_deref().filter(|_| key == PARENT)
    }

    fn keys(&self) -> Vec<&str> {
        vec![PARENT]
    }
}

impl Injector for Line {
    fn set(&mut self, key: &str, value: String) {
        if key == PARENT {
            self.0 = Some(value);
        }
    }
}
