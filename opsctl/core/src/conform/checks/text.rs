//! Words in a file: for what is neither a value nor a test.

use serde_json::Value;

use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::bearings::line_at;
use crate::conform::expectation::Expectation;
use crate::conform::repository::Repository;
use crate::failure::Result;

/// A file.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InText {
    file: String,
}

impl InText {
    fn seen(&self, text: &str, words: &str) -> Seen {
        let at = text.find(words);
        let evidence = match at {
            Some(at) => format!("{}:{}", self.file, line_at(text, at)),
            None => self.file.clone(),
        };
        Seen {
            value: at.map(|_| Value::String(words.to_owned())),
            evidence,
        }
    }
}

impl Looks for InText {
    fn target(&self) -> String {
        self.file.clone()
    }

    fn place(&self) -> String {
        self.file.clone()
    }

    fn see(&self, repository: &Repository, wanted: &Expectation) -> Result<Seen> {
        let Some(text) = repository.text(&self.file)? else {
            return Ok(Seen {
                value: None,
                evidence: format!("there is no {}", self.file),
            });
        };
        Ok(match wanted {
            Expectation::Has(words) | Expectation::Lacks(words) => {
                let seen = self.seen(&text, words);
                // A file that is there and lacks it: nothing of it was found.
                Seen {
                    value: seen.value.or_else(|| lacking(wanted)),
                    ..seen
                }
            }
            _ => Seen {
                value: Some(Value::String(self.file.clone())),
                evidence: self.file.clone(),
            },
        })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let Some(text) = repository.text(&self.file)? else {
            return Ok(Vec::new());
        };
        Ok(match wanted {
            Expectation::Has(words) => {
                let what = format!("'{words}' is taken away");
                vec![Spoilt::new(what, &self.file, text.replace(words, ""))]
            }
            Expectation::Lacks(words) => {
                let what = format!("'{words}' is added");
                vec![Spoilt::new(what, &self.file, format!("{text}\n{words}\n"))]
            }
            _ => Vec::new(),
        })
    }
}

fn lacking(wanted: &Expectation) -> Option<Value> {
    matches!(wanted, Expectation::Lacks(_)).then(|| Value::String("nothing of it".into()))
}
