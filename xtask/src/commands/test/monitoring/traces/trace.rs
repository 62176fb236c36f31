//! A trace as Jaeger answers it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use testkit::https::Client;

/// All spans of one trace, and what was answered, to the letter.
#[derive(Debug)]
pub struct Trace {
    pub spans: Vec<Span>,
    pub text: String,
}

/// One span, and whose it is.
#[derive(Debug)]
pub struct Span {
    pub id: String,
    pub name: String,
    pub service: String,
    /// Of the span that it is inside of; empty where there is none.
    pub parent: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    spans: Vec<ToldSpan>,
    processes: BTreeMap<String, Process>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldSpan {
    #[serde(rename = "spanID")]
    id: String,
    operation_name: String,
    references: Vec<Reference>,
    tags: Vec<Tag>,
    #[serde(rename = "processID")]
    process: String,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "spanID")]
    span: String,
}

#[derive(Debug, Deserialize)]
struct Tag {
    key: String,
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Process {
    service_name: String,
}

impl Trace {
    /// Asks for a trace by its id; none where Jaeger knows none.
    pub fn of(client: &Client, pages: u16, id: &str) -> Result<Option<Self>> {
        let (status, text) = client.get(pages, &format!("/api/traces/{id}"))?;
        if status == 404 {
            return Ok(None);
        }
        ensure!(status == 200, "Jaeger answers {status}: {text}");
        let answer: Answer = serde_json::from_str(&text).with_context(|| text.clone())?;
        let all = answer.data.into_iter().flat_map(Told::spans);
        let spans = all.collect();
        Ok(Some(Self { spans, text }))
    }

    /// The span of that name.
    pub fn named(&self, name: &str) -> Option<&Span> {
        self.spans.iter().find(|span| span.name == name)
    }
}

impl Told {
    fn spans(self) -> Vec<Span> {
        let Self { spans, processes } = self;
        let service = |process: &str| processes.get(process).map(|it| it.service_name.clone());
        let all = spans.into_iter().map(|span| Span {
            service: service(&span.process).unwrap_or_default(),
            parent: span
                .references
                .first()
                .map_or_else(String::new, |it| it.span.clone()),
            id: span.id,
            name: span.operation_name,
            tags: span.tags,
        });
        all.collect()
    }
}

impl Span {
    /// A tag as text, or nothing.
    pub fn tag(&self, key: &str) -> String {
        let found = self.tags.iter().find(|tag| tag.key == key);
        found.map_or_else(String::new, |tag| match &tag.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}
