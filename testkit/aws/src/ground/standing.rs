//! What stands in one account and region, as actions look things up in it.

use serde_json::Value;

use super::Estate;
use crate::endpoint::{Elements, Home};

/// A copy: an answer is of one moment.
#[derive(Debug)]
pub(crate) struct Standing {
    pub all: Value,
    pub longest_page: usize,
}

impl Standing {
    pub fn of(estate: &Estate, home: &Home) -> Self {
        Self {
            all: estate.homes.get(home).cloned().unwrap_or_default(),
            longest_page: estate.longest_page,
        }
    }

    /// Everything of a kind.
    pub fn every(&self, kind: &str) -> Vec<Value> {
        self.all[kind].as_array().cloned().unwrap_or_default()
    }

    /// Those whose member of that name is one of these.
    pub fn those(&self, kind: &str, member: &str, wanted: &[String]) -> Vec<Value> {
        let fits = |it: &Value| wanted.iter().any(|name| it[member] == **name);
        self.every(kind).into_iter().filter(fits).collect()
    }
}

/// A value as XML: members of objects by their names, members of lists each under `of`.
pub(super) fn elements(value: &Value, of: &str) -> Elements {
    let mut written = Elements::new();
    for (name, inner) in value.as_object().into_iter().flatten() {
        written = match inner {
            Value::Null => written,
            Value::Array(members) => written.inside(name, list(members, of)),
            Value::Object(_) => written.inside(name, elements(inner, of)),
            Value::String(text) => written.text(name, text),
            plain => written.text(name, plain),
        };
    }
    written
}

/// Members of a list.
pub(super) fn list(members: &[Value], of: &str) -> Elements {
    let mut written = Elements::new();
    for member in members {
        written = match member {
            Value::String(text) => written.text(of, text),
            other => written.inside(of, elements(other, of)),
        };
    }
    written
}
