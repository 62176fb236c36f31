//! A place in a document of YAML or JSON; the contract of the API is one.

use serde_json::Value;

use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::expectation::Expectation;
use crate::conform::pointer;
use crate::conform::repository::Repository;
use crate::failure::Result;

/// The reviewed description of the interface, which a test holds beside the running service.
const CONTRACT: &str = "app/tests/service/contract/openapi.json";

/// A place in a document.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InDocument {
    /// The file.
    file: String,
    /// The place: `/paths/~1api~1posts/get`.
    at: String,
}

/// A place in the contract of the API.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InContract {
    at: String,
}

impl From<InContract> for InDocument {
    fn from(place: InContract) -> Self {
        Self {
            file: CONTRACT.to_owned(),
            at: place.at,
        }
    }
}

impl Looks for InDocument {
    fn target(&self) -> String {
        format!("{} {}", self.file, self.at)
    }

    fn place(&self) -> String {
        self.file.clone()
    }

    fn see(&self, repository: &Repository, _: &Expectation) -> Result<Seen> {
        let Some(document) = repository.document(&self.file)? else {
            return Ok(Seen {
                value: None,
                evidence: format!("there is no {}", self.file),
            });
        };
        let found = pointer::find(&document, &self.at);
        Ok(Seen {
            value: found.map(|(value, _)| value.clone()),
            evidence: format!("{} {}", self.file, self.at),
        })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let Some(document) = repository.document(&self.file)? else {
            return Ok(Vec::new());
        };
        Ok(spoilt_at(&document, &self.file, &self.at, wanted))
    }
}

/// The document without what stands at a place, and with something else there.
pub fn spoilt_at(document: &Value, file: &str, at: &str, wanted: &Expectation) -> Vec<Spoilt> {
    let found = pointer::find(document, at);
    let unwanted = matches!(wanted, Expectation::Lacks(_));
    let (value, plain) = match found {
        Some((value, plain)) => (Some(value), plain),
        None if unwanted => (None, at.to_owned()),
        None => return Vec::new(),
    };
    let with = |what: &str, value: Option<Value>| {
        let mut spoilt = document.clone();
        pointer::put(&mut spoilt, &plain, value);
        Spoilt::document(format!("{at} {what}"), file, &spoilt)
    };
    let mut ways = Vec::new();
    if !unwanted {
        ways.push(with("is taken away", None));
    }
    if let Some(other) = wanted.spoilt(value) {
        ways.push(with("has another value", Some(other)));
    }
    ways
}
