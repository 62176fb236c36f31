//! One way to break something: a file, and the text that it gets.

use serde_json::Value;

/// A file with another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoilt {
    /// What was done to it, in words.
    pub what: String,
    /// The file.
    pub file: String,
    /// Its text now.
    pub text: String,
}

impl Spoilt {
    /// A file with this text.
    pub fn new(what: impl Into<String>, file: &str, text: String) -> Self {
        Self {
            what: what.into(),
            file: file.to_owned(),
            text,
        }
    }

    /// A document with this content. JSON is YAML: whoever reads the one reads the other.
    pub fn document(what: impl Into<String>, file: &str, document: &Value) -> Self {
        Self::new(what, file, format!("{document:#}\n"))
    }
}
