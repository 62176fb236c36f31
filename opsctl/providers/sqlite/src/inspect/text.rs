//! SQL text from names that anybody may have chosen, and failures in words.

use opsctl_core::Failure;
use opsctl_core::ports::TableName;

/// An identifier, quoted.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A string literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A table in its schema, quoted.
pub(crate) fn table(name: &TableName) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
}

/// Turns the driver's error into a failure that says what was tried.
pub(crate) fn failed(what: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Failure {
    move |error| Failure::failed(what).because(error)
}
