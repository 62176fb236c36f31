//! A test by its name: the build runs it, and this says that it is there to be run.

use serde_json::Value;

use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::bearings::line_at;
use crate::conform::expectation::Expectation;
use crate::conform::repository::Repository;
use crate::failure::Result;

/// A test in Rust or in Terraform.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    file: String,
    name: String,
}

impl Test {
    /// Where it begins.
    fn place_in(&self, text: &str) -> Option<usize> {
        if self.file.ends_with(".hcl") {
            return text.find(&format!("run \"{}\"", self.name));
        }
        let at = text.find(&format!("fn {}(", self.name))?;
        (is_marked(text, at) || self.is_listed(text)).then_some(at)
    }

    /// Whether a macro is given its name among others: `on_both_engines!(a, b);` makes tests of them.
    fn is_listed(&self, text: &str) -> bool {
        let lists = text.split("engines!(").skip(1);
        let names = lists.filter_map(|rest| rest.split(')').next());
        names
            .flat_map(|list| list.split(','))
            .any(|name| name.trim() == self.name)
    }
}

/// Whether an attribute above says that it is a test.
fn is_marked(text: &str, at: usize) -> bool {
    // Not `lines()`: what stands before the name on its own line is the first of these, be it nothing.
    let above = text[..at].split('\n').rev().skip(1);
    let mut attributes = above.take_while(|line| {
        let line = line.trim_start();
        line.starts_with('#') || line.starts_with("//")
    });
    attributes.any(|line| line.contains("#[test]") || line.contains("#[tokio::test"))
}

impl Looks for Test {
    fn target(&self) -> String {
        format!("{} {}", self.file, self.name)
    }

    fn place(&self) -> String {
        self.file.clone()
    }

    fn see(&self, repository: &Repository, _: &Expectation) -> Result<Seen> {
        let Some(text) = repository.text(&self.file)? else {
            return Ok(Seen {
                value: None,
                evidence: format!("there is no {}", self.file),
            });
        };
        Ok(match self.place_in(&text) {
            Some(at) => Seen {
                value: Some(Value::String("a test".into())),
                evidence: format!("{}:{}", self.file, line_at(&text, at)),
            },
            None => Seen {
                value: None,
                evidence: self.file.clone(),
            },
        })
    }

    fn spoil(&self, repository: &Repository, _: &Expectation) -> Result<Vec<Spoilt>> {
        let Some(text) = repository.text(&self.file)? else {
            return Ok(Vec::new());
        };
        let renamed = text
            .replace(
                &format!("fn {}(", self.name),
                &format!("fn {}_once(", self.name),
            )
            .replace(
                &format!("run \"{}\"", self.name),
                &format!("run \"{}_once\"", self.name),
            );
        let what = format!("the test {} is renamed", self.name);
        Ok(vec![Spoilt::new(what, &self.file, renamed)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Test {
        Test {
            file: "a.rs".into(),
            name: name.into(),
        }
    }

    #[test]
    fn a_function_is_a_test_when_it_is_marked_or_listed_and_not_otherwise() {
        let text = "on_both_engines!(\n    listed,\n);\nasync fn listed(engine: Engine) {}\n\
                    #[test]\nfn marked() {}\nfn helper() {}\n    #[tokio::test]\n    async fn inner() {}\n";
        assert!(of("listed").place_in(text).is_some());
        assert!(of("inner").place_in(text).is_some());
        assert!(of("marked").place_in(text).is_some());
        assert!(of("helper").place_in(text).is_none());
    }
}
