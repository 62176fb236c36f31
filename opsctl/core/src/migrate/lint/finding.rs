//! One thing that is wrong.

use crate::migrate::{Migration, Phase};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Could be better.
    Warning,
    /// Must not be released.
    Error,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The migration's number.
    pub version: i64,
    /// The line of its file, from 1.
    pub line: usize,
    /// The rule's name; a PostgreSQL file silences one with `-- squawk-ignore <rule>`.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    /// How bad it is.
    pub weight: Weight,
}

impl Finding {
    pub(super) fn error(migration: &Migration, line: usize, rule: &str, message: &str) -> Self {
        Self {
            version: migration.version,
            line,
            rule: rule.to_owned(),
            message: message.to_owned(),
            help: None,
            weight: Weight::Error,
        }
    }

    pub(super) fn warning(migration: &Migration, line: usize, rule: &str, message: &str) -> Self {
        let weight = Weight::Warning;
        Self {
            weight,
            ..Self::error(migration, line, rule, message)
        }
    }

    pub(super) fn help(mut self, help: &str) -> Self {
        self.help = Some(help.to_owned());
        self
    }
}

/// What takes something away from the application of before: forbidden in an expand, the point of a contract.
pub(super) const fn taking_away(phase: Phase) -> Weight {
    match phase {
        Phase::Expand => Weight::Error,
        Phase::Contract => Weight::Warning,
    }
}
