//! What came of one check: expected, actual, and where that was seen.

use serde_json::Value;

/// How a check or a line came out, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was looked at, and is as it was promised.
    Holds,
    /// It is promised of other environments than this one.
    Elsewhere,
    /// It is not built yet, and says why.
    Planned,
    /// It could not be looked at: that is never good.
    Unknown,
    /// It was looked at, and is not as it was promised.
    Broken,
}

impl Verdict {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Elsewhere => "elsewhere",
            Self::Planned => "planned",
            Self::Unknown => "unknown",
            Self::Broken => "BROKEN",
        }
    }
}

/// What was found where a check looks; `None`: nothing is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The value.
    pub value: Option<Value>,
    /// Where: a file and its line, an object, an address, a document of evidence.
    pub evidence: String,
}

/// One check's answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Answer {
    /// The kind of check: `terraform`, `http`.
    pub check: &'static str,
    /// What was looked at.
    pub target: String,
    /// What was promised, in words.
    pub expected: String,
    /// What is there, or why that is not known.
    pub actual: String,
    /// Where it was seen; `None` when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What it comes to.
    pub verdict: Verdict,
}
