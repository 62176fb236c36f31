//! Collects the fields of an event or a span, written as JSON already: a value is written once, however many lines carry it.

use std::error::Error;
use std::fmt::{Debug, Display, Write};
use std::ops::Range;

use tracing::field::{Field, Visit};

/// The fields of one event or span, in the order in which they were recorded.
#[derive(Debug, Default)]
pub(super) struct Fields {
    text: String,
    places: Vec<(&'static str, Range<usize>)>,
}

impl Fields {
    /// With room for what a request's span holds.
    pub fn with_room() -> Self {
        Self {
            text: String::with_capacity(128),
            places: Vec::with_capacity(4),
        }
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
    }

    /// Names and values. One that was recorded twice holds its last value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let last = |at: usize, name: &str| self.places[at + 1..].iter().all(|(n, _)| *n != name);
        let places = self.places.iter().enumerate();
        places
            .filter(move |(at, (name, _))| last(*at, name))
            .map(|(_, (name, place))| (*name, &self.text[place.clone()]))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.places.iter().rev().find(|(known, _)| *known == name);
        found.map(|(_, place)| &self.text[place.clone()])
    }

    fn put(&mut self, field: &Field, write: impl FnOnce(&mut String) -> std::fmt::Result) {
        // These speak to the tracer.
        if field.name().starts_with("otel.") {
            return;
        }
        let from = self.text.len();
        // Writing to a string fails only where the value's own formatter does; what it wrote is kept whole below.
        let _written = write(&mut self.text);
        self.places.push((field.name(), from..self.text.len()));
    }

    /// The same as below, without the detour that every other kind of value takes.
    fn put_str(&mut self, field: &Field, value: &str) {
        self.put(field, |text| {
            text.push('"');
            let written = Escaping(text).write_str(value);
            text.push('"');
            written
        });
    }

    fn put_text(&mut self, field: &Field, value: impl Display) {
        self.put(field, |text| {
            text.push('"');
            let written = write!(Escaping(text), "{value}");
            text.push('"');
            written
        });
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON knows neither infinity nor what is no number.
        self.put(field, |text| match value.is_finite() {
            true => write!(text, "{value}"),
            false => text.write_str("null"),
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, |text| write!(text, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, |text| write!(text, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, |text| write!(text, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_str(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put_text(field, WithCauses(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put_text(field, format_args!("{value:?}"));
    }
}

/// An error alone says little: its causes are what one looks for.
struct WithCauses<'a>(&'a (dyn Error + 'static));

impl Display for WithCauses<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(out, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Writes what may stand between the quotes of JSON.
struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let mut rest = text;
        // All of them are one byte, which is never a part of another letter.
        let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < b' ';
        while let Some(at) = rest.bytes().position(special) {
            let (plain, from) = rest.split_at(at);
            self.0.push_str(plain);
            let mut letters = from.chars();
            match letters.next() {
                Some('"') => self.0.push_str("\\\""),
                Some('\\') => self.0.push_str("\\\\"),
                Some('\n') => self.0.push_str("\\n"),
                Some('\r') => self.0.push_str("\\r"),
                Some('\t') => self.0.push_str("\\t"),
                Some(control) => write!(self.0, "\\u{:04x}", u32::from(control))?,
                None => {}
            }
            rest = letters.as_str();
        }
        self.0.push_str(rest);
        Ok(())
    }
}
