//! A variable that the application reads, in the reference that it writes of itself and `drift` holds beside it.

use serde_json::Value;

use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::expectation::{Expectation, shown};
use crate::conform::repository::Repository;
use crate::failure::Result;

const REFERENCE: &str = "docs/environment-variables.md";

/// Which of a variable's columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Column {
    #[default]
    Default,
    Meaning,
}

/// A variable.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    name: String,
    #[serde(default)]
    column: Column,
}

impl Variable {
    /// The row, and the number of its line.
    fn row<'a>(&self, text: &'a str) -> Option<(usize, &'a str)> {
        let begin = format!("| `{}` |", self.name);
        (1..)
            .zip(text.lines())
            .find(|(_, line)| line.starts_with(&begin))
    }

    fn cell(&self, row: &str) -> String {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let at = match self.column {
            Column::Default => 2,
            Column::Meaning => 3,
        };
        cells
            .get(at)
            .map(|cell| (*cell).to_owned())
            .unwrap_or_default()
    }
}

impl Looks for Variable {
    fn target(&self) -> String {
        format!("variable {}", self.name)
    }

    fn place(&self) -> String {
        REFERENCE.to_owned()
    }

    fn see(&self, repository: &Repository, _: &Expectation) -> Result<Seen> {
        let text = repository.text(REFERENCE)?.unwrap_or_default();
        Ok(match self.row(&text) {
            Some((line, row)) => Seen {
                value: Some(Value::String(self.cell(row))),
                evidence: format!("{REFERENCE}:{line}"),
            },
            None => Seen {
                value: None,
                evidence: REFERENCE.to_owned(),
            },
        })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let text = repository.text(REFERENCE)?.unwrap_or_default();
        let Some((_, row)) = self.row(&text) else {
            return Ok(Vec::new());
        };
        let gone = text.replace(&format!("{row}\n"), "");
        let what = format!("{} is not read any more", self.name);
        let mut ways = vec![Spoilt::new(what, REFERENCE, gone)];
        let cell = self.cell(row);
        if let Some(other) = wanted.spoilt(Some(&Value::String(cell.clone()))) {
            let changed =
                row.replacen(&format!("| {cell} |"), &format!("| {} |", shown(&other)), 1);
            let what = format!("{} has another {:?}", self.name, self.column).to_lowercase();
            ways.push(Spoilt::new(what, REFERENCE, text.replace(row, &changed)));
        }
        Ok(ways)
    }
}
