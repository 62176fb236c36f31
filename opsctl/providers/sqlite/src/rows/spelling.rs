//! How names are written in SQLite's SQL.

use opsctl_core::ports::TableShape;

/// An identifier.
pub(super) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text literal.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A term: a column by its name, anything else is an expression of an index as the engine wrote it.
pub(super) fn term(table: &TableShape, text: &str) -> String {
    let is_column = table
        .columns
        .iter()
        .chain(&table.key)
        .any(|column| column == text);
    if is_column {
        name(text)
    } else {
        text.to_owned()
    }
}

/// Names, divided by commas.
pub(super) fn names(all: &[String]) -> String {
    all.iter()
        .map(|one| name(one))
        .collect::<Vec<_>>()
        .join(", ")
}
