//! One object as it will be applied, and which files it came from.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::source::{Source, fault_in_line};
use super::walk::{at, at_mut};
use crate::failure::{Failure, Result};

/// What makes an object the same object, whatever version of the API it is written in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Empty for the core.
    pub group: String,
    pub kind: String,
    /// None for what stands in no namespace.
    pub namespace: Option<String>,
    pub name: String,
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, " in {namespace}"),
            None => Ok(()),
        }
    }
}

/// An object: a map with `apiVersion`, `kind` and `metadata.name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    value: Value,
    /// The file that brought it, then those that changed it.
    sources: Vec<Arc<Source>>,
    line: usize,
}

impl Manifest {
    /// Refuses what is no object.
    pub(super) fn new(value: Value, source: Arc<Source>, line: usize) -> Result<Self> {
        let missing = ["apiVersion", "kind", "metadata.name"]
            .into_iter()
            .find(|field| text(&value, field).is_none_or(str::is_empty));
        match missing {
            None => Ok(Self {
                value,
                sources: vec![source],
                line,
            }),
            Some(_) if !value.is_object() => {
                let problem = "an object of Kubernetes is a map with apiVersion, kind and metadata";
                Err(fault_in_line(&source.file, line, problem).hint("begin it with `apiVersion:`"))
            }
            Some(field) => {
                let failure = fault_in_line(&source.file, line, format!("{field} is missing"));
                Err(failure.hint(format!("give the object a {field}, as a text")))
            }
        }
    }

    /// The whole object.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The whole object, to keep.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    pub(super) fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    #[must_use]
    pub fn api_version(&self) -> &str {
        text(&self.value, "apiVersion").unwrap_or_default()
    }

    /// Empty for the core.
    #[must_use]
    pub fn group(&self) -> &str {
        group_of(self.api_version())
    }

    #[must_use]
    pub fn version(&self) -> &str {
        let api_version = self.api_version();
        api_version
            .split_once('/')
            .map_or(api_version, |(_, version)| version)
    }

    #[must_use]
    pub fn kind(&self) -> &str {
        text(&self.value, "kind").unwrap_or_default()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        text(&self.value, "metadata.name").unwrap_or_default()
    }

    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        text(&self.value, "metadata.namespace")
    }

    #[must_use]
    pub fn id(&self) -> ObjectId {
        ObjectId {
            group: self.group().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    /// The file that brought it and the line in which it begins there: `k8s/base/api.yaml:12`.
    #[must_use]
    pub fn origin(&self) -> String {
        let file = self.sources.first().map_or("", |source| &source.file);
        format!("{file}:{}", self.line)
    }

    /// Every file that had a part in it.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.file.as_str())
    }

    /// Where this placeholder came in, the last change first.
    pub(super) fn asked_in(&self, placeholder: &str) -> String {
        let mut sources = self.sources.iter().rev();
        let asked = sources.find_map(|source| {
            let line = source.line_of(placeholder)?;
            Some(format!("{}:{line}", source.file))
        });
        asked.unwrap_or_else(|| self.origin())
    }

    pub(super) fn changed_by(&mut self, source: &Arc<Source>) {
        if !self.sources.contains(source) {
            self.sources.push(Arc::clone(source));
        }
    }

    pub(super) fn set(&mut self, path: &str, value: &str) {
        if let Some(place) = at_mut(&mut self.value, path) {
            *place = value.into();
        }
    }

    pub(super) fn fault(&self, problem: impl fmt::Display) -> Failure {
        Failure::usage(format!("{}: {problem}", self.origin()))
    }
}

/// The group of an `apiVersion`: empty for the core.
pub fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path).and_then(Value::as_str)
}
