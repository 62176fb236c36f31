//! Writes events as JSON lines. `timestamp, level, service, request_id, user_id, error, duration` stand in every line, null
//! where they do not apply, so that a search never has to ask whether a field exists. `duration` is in seconds.

use std::io::Write;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::CRITICAL;
use super::fields::Fields;

const PROMISED: [&str; 4] = ["request_id", "user_id", "error", "duration"];

/// The layer that writes.
#[derive(Debug)]
pub struct JsonLines<Output> {
    output: Output,
}

impl<Output> JsonLines<Output> {
    pub fn new(output: Output) -> Self {
        Self { output }
    }
}

impl<S, Output> Layer<S> for JsonLines<Output>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    Output: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = opening(event);
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields.0.clone());
            }
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        line.extend(fields.0);

        let mut bytes = Value::Object(line).to_string().into_bytes();
        bytes.push(b'\n');
        // Whoever reads the log is gone; nowhere is left to say so.
        let _lost = self.output.make_writer().write_all(&bytes);
    }
}

fn opening(event: &Event<'_>) -> Map<String, Value> {
    let timestamp = OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default();
    let mut line = Map::new();
    line.insert("timestamp".into(), timestamp.into());
    line.insert("level".into(), level_name(event).into());
    line.insert("service".into(), "app".into());
    for name in PROMISED {
        line.insert(name.into(), Value::Null);
    }
    line
}

fn level_name(event: &Event<'_>) -> &'static str {
    match *event.metadata().level() {
        Level::ERROR if event.metadata().target() == CRITICAL => "CRITICAL",
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::config::LogLevel;
    use crate::telemetry::{LIFECYCLE, REQUEST, filter};

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(level: LogLevel, work: impl FnOnce()) -> Vec<Value> {
        let memory = Memory::default();
        let copy = memory.clone();
        let subscriber = tracing_subscriber::registry()
            .with(filter(level))
            .with(JsonLines::new(move || copy.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    }

    #[test]
    fn every_line_has_the_promised_fields() {
        let lines = lines(LogLevel::Info, || tracing::info!("hello"));
        for name in [
            "timestamp",
            "level",
            "service",
            "request_id",
            "user_id",
            "error",
            "duration",
        ] {
            assert!(lines[0].get(name).is_some(), "{name}");
        }
        assert_eq!(lines[0]["level"], "INFO");
        assert_eq!(lines[0]["message"], "hello");
        assert!(lines[0]["user_id"].is_null());
    }

    #[test]
    fn an_event_carries_what_its_request_knows_even_when_learnt_later() {
        let lines = lines(LogLevel::Info, || {
            let span = tracing::info_span!(
                "request",
                request_id = "r-1",
                user_id = tracing::field::Empty
            );
            let _inside = span.enter();
            span.record("user_id", "u-1");
            tracing::warn!(error = "broken", "it failed");
        });
        assert_eq!(lines[0]["request_id"], "r-1");
        assert_eq!(lines[0]["user_id"], "u-1");
        assert_eq!(lines[0]["error"], "broken");
        assert_eq!(lines[0]["level"], "WARNING");
    }

    #[test]
    fn the_line_of_a_request_is_shown_at_every_level_and_its_id_with_it() {
        let lines = lines(LogLevel::Critical, || {
            let span = tracing::error_span!(target: REQUEST, "request", request_id = "r-1");
            let _inside = span.enter();
            tracing::info!("not shown");
            tracing::info!(target: REQUEST, "answered");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["request_id"], "r-1");
    }

    #[test]
    fn a_quiet_process_still_says_where_it_listens_and_that_it_is_down() {
        let lines = lines(LogLevel::Critical, || {
            tracing::error!("not shown");
            tracing::info!(target: LIFECYCLE, "listening");
            tracing::error!(target: CRITICAL, "down");
        });
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["level"], "CRITICAL");
    }
}
