//! An attribute in Terraform, as it is written.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{BlockLabel, Body};
use serde_json::Value;

use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::bearings::line_at;
use crate::conform::expectation::{Expectation, shown};
use crate::conform::repository::Repository;
use crate::failure::Result;

/// Below this folder files are named.
const FOLDER: &str = "infra/terraform";

/// An attribute of a block.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terraform {
    /// The file, below `infra/terraform`.
    file: String,
    /// The way to the block, with its labels: `resource.aws_lb.this.access_logs`.
    block: String,
    /// The attribute, and fields of objects in it: `database.multi_az`.
    attribute: String,
}

impl Terraform {
    /// The same attribute of what AWS runs.
    pub fn twin(&self) -> String {
        format!("{} {}", self.block, self.attribute)
    }

    fn path(&self) -> String {
        format!("{FOLDER}/{}", self.file)
    }

    /// Every value that stands there: blocks may be given several times.
    fn values<'a>(&self, body: &'a Body) -> Vec<&'a Expression> {
        let way: Vec<&str> = self.block.split('.').collect();
        let mut found = Vec::new();
        blocks(body, &way, &mut found);
        let values = found.into_iter();
        values
            .filter_map(|body| attribute(body, &self.attribute))
            .collect()
    }
}

impl Looks for Terraform {
    fn target(&self) -> String {
        format!("{} {} {}", self.path(), self.block, self.attribute)
    }

    fn place(&self) -> String {
        self.path()
    }

    fn see(&self, repository: &Repository, wanted: &Expectation) -> Result<Seen> {
        let nothing = |evidence: String| Seen {
            value: None,
            evidence,
        };
        let Some(read) = repository.terraform(&self.path())? else {
            return Ok(nothing(format!("there is no {}", self.path())));
        };
        let (text, body) = &*read;
        let values = self.values(body);
        let good = |value: &&&Expression| wanted.holds(Some(&read_value(value, text)));
        let chosen = values.iter().find(good).or(values.first());
        Ok(match chosen {
            None => nothing(self.path()),
            Some(value) => Seen {
                value: Some(read_value(value, text)),
                evidence: format!("{}:{}", self.path(), line_at(text, range(value).start)),
            },
        })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let path = self.path();
        let Some(read) = repository.terraform(&path)? else {
            return Ok(Vec::new());
        };
        let (text, body) = &*read;
        let mut ranges: Vec<(Range<usize>, Value)> = self
            .values(body)
            .into_iter()
            .map(|value| (range(value), read_value(value, text)))
            .collect();
        // From the end, so that the places before stay where they are.
        ranges.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let with = |replacement: &dyn Fn(&Value) -> String| {
            let mut spoilt = text.clone();
            for (range, value) in &ranges {
                spoilt.replace_range(range.clone(), &replacement(value));
            }
            spoilt
        };
        let changed = with(&|value| match wanted.spoilt(Some(value)) {
            Some(Value::String(text)) => Value::String(text).to_string(),
            Some(value) => shown(&value),
            None => "null".into(),
        });
        let what = format!("{} has another value", self.attribute);
        Ok(vec![Spoilt::new(what, &path, changed)])
    }
}

/// Follows the way into blocks; labels of a block are part of it.
fn blocks<'a>(body: &'a Body, way: &[&str], found: &mut Vec<&'a Body>) {
    let Some((first, rest)) = way.split_first() else {
        found.push(body);
        return;
    };
    for block in body.blocks().filter(|block| block.has_ident(first)) {
        let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
        if rest.starts_with(&labels) {
            blocks(&block.body, &rest[labels.len()..], found);
        }
    }
}

fn attribute<'a>(body: &'a Body, path: &str) -> Option<&'a Expression> {
    let mut parts = path.split('.');
    let first = body.get_attribute(parts.next()?)?;
    parts.try_fold(&first.value, |value, part| field(value, part))
}

fn field<'a>(value: &'a Expression, name: &str) -> Option<&'a Expression> {
    let named = |key: &ObjectKey| match key {
        ObjectKey::Ident(ident) => ident.as_str() == name,
        ObjectKey::Expression(expression) => {
            expression.as_str() == Some(name)
                || expression
                    .as_variable()
                    .is_some_and(|ident| ident.as_str() == name)
        }
    };
    let mut fields = value.as_object()?.iter();
    fields
        .find(|(key, _)| named(key))
        .map(|(_, value)| value.expr())
}

/// Plain values as what they are, everything else as it is written, blanks drawn together.
fn read_value(value: &Expression, text: &str) -> Value {
    if let Some(plain) = value.as_bool() {
        return Value::Bool(plain);
    }
    if let Some(plain) = value.as_str() {
        return Value::String(plain.to_owned());
    }
    let written = text.get(range(value)).unwrap_or_default();
    if value.is_number()
        && let Ok(number) = written.trim().parse::<i64>()
    {
        return Value::from(number);
    }
    let words: Vec<&str> = written.split_whitespace().collect();
    Value::String(words.join(" "))
}

fn range(value: &Expression) -> Range<usize> {
    value.span().unwrap_or_default()
}
