//! Puts the events of one document together.

use std::collections::BTreeMap;

use saphyr_parser::{Event, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::anchors::Anchors;
use super::document::{Document, Unreadable};
use super::scalar::{self, Unclear};

/// As deep as JSON is read.
const DEEPEST: usize = 100;

/// A document that is being read.
#[derive(Debug, Default)]
pub struct Builder {
    open: Vec<Open>,
    anchors: Anchors,
    done: Option<Document>,
}

/// A list or a map that has not ended.
#[derive(Debug)]
struct Open {
    anchor: usize,
    line: usize,
    kind: Kind,
}

/// A scalar, as it was written.
struct Word<'a> {
    text: &'a str,
    style: ScalarStyle,
    tag: Option<&'a Tag>,
    line: usize,
}

#[derive(Debug)]
enum Kind {
    List(Vec<Value>),
    Map(OpenMap),
}

#[derive(Debug, Default)]
struct OpenMap {
    fields: Map<String, Value>,
    /// Where each key stands.
    lines: BTreeMap<String, usize>,
    /// What `<<` brought: used where no field says otherwise, the first one first.
    merged: Vec<Map<String, Value>>,
    key: Option<Key>,
}

#[derive(Debug)]
enum Key {
    Named(String),
    Merge,
}

impl Builder {
    /// The document, when it has ended.
    pub fn take(&mut self) -> Option<Document> {
        self.done.take()
    }

    /// Takes the next event, which stands in this line.
    pub fn on(&mut self, event: Event<'_>, line: usize) -> Result<(), Unreadable> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let (text, tag) = (&*text, tag.as_deref());
                let word = Word {
                    text,
                    style,
                    tag,
                    line,
                };
                self.scalar(&word, anchor)
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(anchor);
                let value = value.map_err(|problem| Unreadable::new(line, problem))?;
                self.complete(value, line)
            }
            Event::SequenceStart(anchor, tag) => {
                only(tag.as_deref(), "seq", line)?;
                self.open(anchor, line, Kind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                only(tag.as_deref(), "map", line)?;
                self.open(anchor, line, Kind::Map(OpenMap::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, word: &Word<'_>, anchor: usize) -> Result<(), Unreadable> {
        if word.text == "<<"
            && word.is_plain()
            && let Some(map) = self.map_without_key()
        {
            map.key = Some(Key::Merge);
            return Ok(());
        }
        let value = word.value()?;
        self.anchors.keep(anchor, &value);
        self.complete(value, word.line)
    }

    fn open(&mut self, anchor: usize, line: usize, kind: Kind) -> Result<(), Unreadable> {
        if self.open.len() == DEEPEST {
            return Err(Unreadable::new(
                line,
                format!("more than {DEEPEST} levels deep"),
            ));
        }
        if self.map_without_key().is_some() {
            return Err(Unreadable::new(
                line,
                "a key is a text, not a list or a map",
            ));
        }
        self.open.push(Open { anchor, line, kind });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.kind {
            Kind::List(items) => Value::Array(items),
            Kind::Map(map) => Value::Object(map.end()),
        };
        self.anchors.keep(open.anchor, &value);
        self.complete(value, open.line)
    }

    /// Puts a value where it belongs.
    fn complete(&mut self, value: Value, line: usize) -> Result<(), Unreadable> {
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.done = Some(Document { line, value }),
            Some(Kind::List(items)) => items.push(value),
            Some(Kind::Map(map)) => map.take(value, line)?,
        }
        Ok(())
    }

    fn map_without_key(&mut self) -> Option<&mut OpenMap> {
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Kind::Map(map)) if map.key.is_none() => Some(map),
            _ => None,
        }
    }
}

impl OpenMap {
    fn take(&mut self, value: Value, line: usize) -> Result<(), Unreadable> {
        match self.key.take() {
            None => self.begin(value, line),
            Some(Key::Named(key)) => {
                self.fields.insert(key, value);
                Ok(())
            }
            Some(Key::Merge) => self.merge(value, line),
        }
    }

    fn begin(&mut self, key: Value, line: usize) -> Result<(), Unreadable> {
        let Value::String(key) = key else {
            let problem = format!("the key {key} is not a text");
            return Err(Unreadable::new(line, problem).hint("put the key in quotes"));
        };
        if let Some(before) = self.lines.insert(key.clone(), line) {
            let problem = format!("`{key}` stands here and in line {before} already");
            return Err(Unreadable::new(line, problem).hint("take one of the two away"));
        }
        self.key = Some(Key::Named(key));
        Ok(())
    }

    fn merge(&mut self, value: Value, line: usize) -> Result<(), Unreadable> {
        let maps = match value {
            Value::Array(items) => items,
            other => vec![other],
        };
        for map in maps {
            let Value::Object(map) = map else {
                return Err(Unreadable::new(line, "`<<` takes a map, or a list of maps"));
            };
            self.merged.push(map);
        }
        Ok(())
    }

    fn end(self) -> Map<String, Value> {
        let mut fields = self.fields;
        for (key, value) in self.merged.into_iter().flatten() {
            fields.entry(key).or_insert(value);
        }
        fields
    }
}

impl Word<'_> {
    fn is_plain(&self) -> bool {
        self.style == ScalarStyle::Plain && self.tag.is_none()
    }

    fn value(&self) -> Result<Value, Unreadable> {
        let Self { text, line, .. } = *self;
        if !self.is_plain() {
            return only(self.tag, "str", line).map(|()| text.into());
        }
        scalar::plain(text).map_err(|unclear| match unclear {
            Unclear::Timestamp => {
                let problem = format!("kustomize would turn the date {text} into another text");
                Unreadable::new(line, problem).hint("put it in quotes")
            }
            Unclear::NoNumber => {
                Unreadable::new(line, format!("{text} is no number that Kubernetes knows"))
            }
        })
    }
}

/// Refuses every tag but this one.
fn only(tag: Option<&Tag>, name: &str, line: usize) -> Result<(), Unreadable> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == name) => {
            let problem = format!("the tag {tag} is not known");
            Err(Unreadable::new(line, problem).hint("write the value without a tag"))
        }
        _ => Ok(()),
    }
}
