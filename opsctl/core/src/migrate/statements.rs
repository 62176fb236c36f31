//! The statements of a migration that runs without a transaction, each with the trace that proves it done.
//!
//! Outside a transaction a killed run leaves half of a file behind. Only a statement whose effect can be
//! looked up in the catalogue can be resumed; any other is refused there.

use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode;

use super::Migration;
use crate::failure::{Failure, Result};

/// What the catalogue shows once a statement is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Postcondition {
    /// An index of this name is there and valid.
    IndexValid {
        /// The index, as it is written.
        index: String,
    },
    /// No index of this name is there.
    IndexGone {
        /// The index, as it is written.
        index: String,
    },
    /// The enum type has this value.
    EnumValue {
        /// The type, as it is written.
        kind: String,
        /// The value, without its quotes.
        value: String,
    },
}

/// One statement and its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// What proves it done.
    pub done_when: Postcondition,
}

/// Splits a migration that runs without a transaction.
///
/// # Errors
/// When it is no SQL, or holds a statement that leaves no trace in the catalogue.
pub fn split(migration: &Migration) -> Result<Vec<Statement>> {
    let parsed = SourceFile::parse(&migration.up);
    if let Some(error) = parsed.errors().first() {
        return Err(
            Failure::usage(format!("{} is no valid SQL", migration.title()))
                .cause(error.message().to_owned())
                .left("nothing was changed"),
        );
    }
    let text = |range: std::ops::Range<usize>| migration.up.get(range).unwrap_or_default().trim();
    let statements = parsed.tree().stmts().map(|statement| {
        let range = statement.syntax().text_range();
        text(range.start().into()..range.end().into()).to_owned()
    });
    statements
        .filter(|sql| !sql.is_empty())
        .map(|sql| trace(migration, sql))
        .collect()
}

fn trace(migration: &Migration, sql: String) -> Result<Statement> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    let name = |at: usize| {
        words
            .get(at)
            .map(|word| word.trim_end_matches(';').to_owned())
    };
    let done_when = match upper.as_slice() {
        ["CREATE", "INDEX", "CONCURRENTLY", "IF", "NOT", "EXISTS", ..] => index(name(6)),
        ["CREATE", "INDEX", "CONCURRENTLY", ..] => index(name(3)),
        [
            "CREATE",
            "UNIQUE",
            "INDEX",
            "CONCURRENTLY",
            "IF",
            "NOT",
            "EXISTS",
            ..,
        ] => index(name(7)),
        ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => index(name(4)),
        ["DROP", "INDEX", "CONCURRENTLY", "IF", "EXISTS", _] => gone(name(5)),
        ["DROP", "INDEX", "CONCURRENTLY", _] => gone(name(3)),
        [
            "ALTER",
            "TYPE",
            _,
            "ADD",
            "VALUE",
            "IF",
            "NOT",
            "EXISTS",
            ..,
        ] => value(name(2), name(8)),
        ["ALTER", "TYPE", _, "ADD", "VALUE", ..] => value(name(2), literal(&sql)),
        _ => None,
    };
    match done_when {
        Some(done_when) => Ok(Statement { sql, done_when }),
        None => Err(
            Failure::usage(format!("{} can't be resumed", migration.title()))
                .cause(format!(
                    "outside a transaction nothing would show whether this ran: {sql}"
                ))
                .left("nothing was changed")
                .hint("put this statement into a migration of its own, with a transaction"),
        ),
    }
}

fn index(name: Option<String>) -> Option<Postcondition> {
    // An index without a name can't be looked up.
    let name = name.filter(|name| !name.eq_ignore_ascii_case("on"))?;
    Some(Postcondition::IndexValid { index: name })
}

fn gone(name: Option<String>) -> Option<Postcondition> {
    name.map(|index| Postcondition::IndexGone { index })
}

fn value(kind: Option<String>, value: Option<String>) -> Option<Postcondition> {
    Some(Postcondition::EnumValue {
        kind: kind?,
        value: value?,
    })
}

/// The first quoted text; a doubled quote stands for one.
fn literal(sql: &str) -> Option<String> {
    let mut rest = sql.split_once('\'')?.1.chars().peekable();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\'', Some('\'')) => text.extend(rest.next()),
            ('\'', _) => return Some(text),
            (other, _) => text.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(sql: &str) -> Result<Vec<Statement>> {
        let up = format!("-- no-transaction\n-- phase: expand\n{sql}");
        split(&Migration::parse("0009_x", &up, None).unwrap())
    }

    #[test]
    fn every_index_of_a_file_is_a_statement_of_its_own() {
        let found = statements(
            "CREATE INDEX CONCURRENTLY a ON t (x);\n-- a comment\n\
             create unique index concurrently if not exists b on t (y) where z = ';';",
        )
        .unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|statement| statement.done_when.clone())
            .collect();
        let valid = |index: &str| Postcondition::IndexValid {
            index: index.into(),
        };
        assert_eq!(names, [valid("a"), valid("b")]);
    }

    #[test]
    fn a_statement_without_a_trace_is_refused() {
        for sql in [
            "VACUUM t;",
            "UPDATE t SET x = 1;",
            "CREATE INDEX CONCURRENTLY ON t (x);",
        ] {
            let failure = statements(sql).unwrap_err();
            assert!(failure.what.contains("can't be resumed"), "{failure}");
        }
    }

    #[test]
    fn an_enum_value_is_its_own_trace() {
        let found = statements("ALTER TYPE mood ADD VALUE 'it''s fine' AFTER 'ok';").unwrap();
        let value = "it's fine".to_owned();
        let kind = "mood".to_owned();
        assert_eq!(found[0].done_when, Postcondition::EnumValue { kind, value });
    }
}
