//! The files that had a part in a manifest, and what went wrong in them.

use std::fmt::Display;

use crate::failure::Failure;
use crate::manifests::yaml::{Document, Unreadable, documents};

/// How a placeholder begins.
pub const PLACEHOLDER: &str = "$(outputs:";

/// A file, and in which lines it asks for outputs.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub file: String,
    asks: Vec<(String, usize)>,
}

impl Source {
    /// The file, and the documents in its text.
    pub fn read(file: &str, text: &str) -> Result<(Self, Vec<Document>), Failure> {
        let found = documents(text).map_err(|unreadable| of(file, unreadable))?;
        let asks = (1..)
            .zip(text.lines())
            .filter(|(_, line)| line.contains(PLACEHOLDER))
            .map(|(number, line)| (line.to_owned(), number));
        let source = Self {
            file: file.to_owned(),
            asks: asks.collect(),
        };
        Ok((source, found))
    }

    /// The line that holds this placeholder.
    pub fn line_of(&self, placeholder: &str) -> Option<usize> {
        let mut asks = self.asks.iter();
        let found = asks.find(|(text, _)| text.contains(placeholder));
        found.map(|(_, line)| *line)
    }
}

/// Something is wrong with a file as a whole.
pub fn fault(file: &str, problem: impl Display) -> Failure {
    Failure::usage(format!("{file}: {problem}"))
}

/// Something is wrong in a line of a file.
pub fn fault_in_line(file: &str, line: usize, problem: impl Display) -> Failure {
    Failure::usage(format!("{file}:{line}: {problem}"))
}

fn of(file: &str, unreadable: Unreadable) -> Failure {
    let failure = fault_in_line(file, unreadable.line, unreadable.problem);
    match unreadable.hint {
        Some(hint) => failure.hint(hint),
        None => failure.hint(format!("look at line {} of {file}", unreadable.line)),
    }
}
