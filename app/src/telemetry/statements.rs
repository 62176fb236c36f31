//! Listens to what sqlx says of each statement and each wait for a connection: measures both, and puts the statement on the
//! trace in which it ran. Statements are told with their text, which is the program's own; never with a parameter.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span as _, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;

use super::metrics::statements;

/// What sqlx calls its statements.
pub(super) const STATEMENT: &str = "sqlx::query";
/// And its waits for a connection.
pub(super) const WAIT: &str = "sqlx::pool::acquire";

/// The layer that listens.
#[derive(Debug)]
pub struct Statements {
    tracer: Option<SdkTracer>,
}

impl Statements {
    pub fn new(tracer: Option<SdkTracer>) -> Self {
        Self { tracer }
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _context: tracing_subscriber::layer::Context<'_, S>) {
        let target = event.metadata().target();
        if target != STATEMENT && target != WAIT {
            return;
        }
        let mut told = Told {
            traced: self.tracer.is_some(),
            ..Told::default()
        };
        event.record(&mut told);
        if target == WAIT {
            statements::waited(told.took());
            return;
        }
        let slow = *event.metadata().level() <= Level::WARN;
        statements::ran(told.kind, told.took(), slow);
        if let Some(tracer) = &self.tracer {
            told.trace(tracer);
        }
    }
}

/// What an event says of a statement.
#[derive(Default)]
struct Told {
    /// The text is kept for the trace alone.
    traced: bool,
    seconds: f64,
    kind: &'static str,
    summary: String,
    text: String,
}

impl Told {
    fn took(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or_default()
    }

    /// It is over already: a span with its beginning in the past.
    fn trace(&self, tracer: &SdkTracer) {
        let parent = Context::current();
        if !parent.span().span_context().is_sampled() {
            return;
        }
        let now = SystemTime::now();
        // A short statement has no text beside its summary.
        let text = match self.text.trim() {
            "" => self.summary.clone(),
            text => text.to_owned(),
        };
        let attributes = [
            KeyValue::new("db.operation.name", self.kind),
            KeyValue::new("db.query.text", text),
        ];
        let mut span = tracer
            .span_builder(self.kind)
            .with_kind(SpanKind::Client)
            .with_start_time(now.checked_sub(self.took()).unwrap_or(now))
            .with_attributes(attributes)
            .start_with_context(tracer, &parent);
        span.end_with_timestamp(now);
    }
}

fn kind(summary: &str) -> &'static str {
    let first = summary.split_whitespace().next().unwrap_or_default();
    let known = ["SELECT", "INSERT", "UPDATE", "DELETE"];
    let found = known.iter().find(|word| first.eq_ignore_ascii_case(word));
    found.copied().unwrap_or("OTHER")
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if ["elapsed_secs", "acquired_after_secs"].contains(&field.name()) {
            self.seconds = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => {
                self.kind = kind(value);
                if self.traced {
                    value.clone_into(&mut self.summary);
                }
            }
            "db.statement" if self.traced => value.clone_into(&mut self.text),
            _ => {}
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}
}
