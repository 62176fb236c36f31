//! Writes events as JSON lines. `timestamp, level, service, request_id, user_id, error, duration` stand in every line, null
//! where they do not apply, so that a search never has to ask whether a field exists. `duration` is in seconds.

use std::cell::RefCell;
use std::io::Write;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::CRITICAL;
use super::fields::Fields;
use super::statements::{STATEMENT, WAIT};
use super::traces::SPANS;

const PROMISED: [&str; 4] = ["request_id", "user_id", "error", "duration"];

/// The layer that writes.
#[derive(Debug)]
pub struct JsonLines<Output> {
    output: Output,
    /// From which level on sqlx is heard; what is below is only measured.
    sqlx: LevelFilter,
}

impl<Output> JsonLines<Output> {
    pub fn new(output: Output) -> Self {
        Self {
            output,
            sqlx: LevelFilter::WARN,
        }
    }

    /// What sqlx says is measured at every log level; written down it is from this one on.
    pub fn hearing(mut self, sqlx: LevelFilter) -> Self {
        self.sqlx = sqlx;
        self
    }

    fn leaves_out(&self, event: &Event<'_>) -> bool {
        let of = event.metadata();
        [STATEMENT, WAIT].contains(&of.target()) && *of.level() > self.sqlx
    }
}

impl<S, Output> Layer<S> for JsonLines<Output>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    Output: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() == SPANS {
            return;
        }
        let mut fields = Fields::with_room();
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
        if self.leaves_out(event) {
            return;
        }
        SCRATCH.with(|scratch| {
            // A value whose formatter logs is logged with buffers of its own.
            let mut own = Scratch::default();
            let mut kept = scratch.try_borrow_mut();
            let scratch = kept.as_deref_mut().unwrap_or(&mut own);
            scratch.fields.clear();
            event.record(&mut scratch.fields);
            scratch.line.clear();
            begin(&mut scratch.line, event);
            let spans = context.event_scope(event).into_iter().flatten();
            let spans: Vec<_> = spans.collect();
            let extensions: Vec<_> = spans.iter().map(|span| span.extensions()).collect();
            let mut all = vec![&scratch.fields];
            all.extend(extensions.iter().filter_map(|kept| kept.get::<Fields>()));
            put_fields(&mut scratch.line, &all);
            // Whoever reads the log is gone; nowhere is left to say so.
            let _lost = self.output.make_writer().write_all(scratch.line.as_bytes());
        });
    }
}

#[derive(Default)]
struct Scratch {
    fields: Fields,
    line: String,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

fn begin(line: &mut String, event: &Event<'_>) {
    line.push_str("{\"timestamp\":\"");
    // What it writes is ASCII; how much that is, what is left of the room says: the number that it returns is too small. A clock
    // that cannot be told leaves it empty.
    let mut text = [0_u8; 40];
    let mut rest = text.as_mut_slice();
    let told = OffsetDateTime::now_utc().format_into(&mut rest, &Rfc3339);
    let left = told.map_or(40, |_too_small| rest.len());
    let told = text.get(..text.len() - left).unwrap_or_default();
    line.push_str(std::str::from_utf8(told).unwrap_or_default());
    line.push_str("\",\"level\":\"");
    line.push_str(level_name(event));
    line.push_str("\",\"service\":\"app\"");
}

/// The fields of the event, then those of its spans, innermost first: where two have one name, the nearer one holds.
fn put_fields(line: &mut String, all: &[&Fields]) {
    for name in PROMISED {
        let value = all.iter().find_map(|fields| fields.get(name));
        put(line, name, value.unwrap_or("null"));
    }
    for (at, fields) in all.iter().enumerate() {
        for (name, value) in fields.iter() {
            let told = all[..at].iter().any(|nearer| nearer.get(name).is_some());
            if !told && !PROMISED.contains(&name) {
                put(line, name, value);
            }
        }
    }
    line.push_str("}\n");
}

/// Names of fields are words of ours, which need no escape.
fn put(line: &mut String, name: &str, value: &str) {
    for part in [",\"", name, "\":", value] {
        line.push_str(part);
    }
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

    use serde_json::Value;
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
            .with(filter(level, false))
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
        let told = lines[0]["timestamp"].as_str().unwrap();
        assert!(told.ends_with('Z'), "{told}");
        let told = OffsetDateTime::parse(told, &Rfc3339).unwrap();
        let ago = OffsetDateTime::now_utc() - told;
        assert!(!ago.is_negative() && ago.whole_seconds() < 60, "{ago}");
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
    fn a_line_is_json_whatever_stands_in_it() {
        let text = "\"quoted\" \\ back\nnew\tline \u{1} \u{1f600} \u{202e}";
        let lines = lines(LogLevel::Info, || {
            let span = tracing::info_span!("outer", shared = "outer", request_id = "r-1");
            let _inside = span.enter();
            tracing::info!(
                text,
                shared = "inner",
                nothing = f64::NAN,
                half = 0.5,
                yes = true,
                "{text}"
            );
        });
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(
            (&line["text"], &line["message"]),
            (&text.into(), &text.into())
        );
        assert_eq!(
            (&line["shared"], &line["request_id"]),
            (&"inner".into(), &"r-1".into())
        );
        assert!(line["nothing"].is_null() && line["half"] == 0.5 && line["yes"] == true);
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
