//! A field of an alert among the rules of Prometheus.

use serde_json::Value;

use super::document::spoilt_at;
use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::expectation::Expectation;
use crate::conform::pointer;
use crate::conform::repository::Repository;
use crate::failure::Result;

/// A field of an alert.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The file of rules.
    file: String,
    /// The alert.
    name: String,
    /// Where in it: `/expr`, `/for`, `/labels/severity`.
    field: String,
}

impl Alert {
    /// The field's place, in whichever group the alert stands.
    fn at(&self, document: &Value) -> String {
        let groups = document.get("groups").and_then(Value::as_array);
        let rule = |(group, _): (usize, _)| format!("/groups/{group}/rules/{}", self.name);
        let mut places = groups.into_iter().flatten().enumerate().map(rule);
        let place = places.find(|place| pointer::find(document, place).is_some());
        format!("{}{}", place.unwrap_or_default(), self.field)
    }
}

impl Looks for Alert {
    fn target(&self) -> String {
        format!("{} {} {}", self.file, self.name, self.field)
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
        let found = pointer::find(&document, &self.at(&document));
        Ok(Seen {
            value: found.map(|(value, _)| value.clone()),
            evidence: format!("{} {}", self.file, self.name),
        })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let Some(document) = repository.document(&self.file)? else {
            return Ok(Vec::new());
        };
        let at = self.at(&document);
        Ok(spoilt_at(&document, &self.file, &at, wanted))
    }
}
