//! Cutting a file into statements, and a statement into words.

use squawk_syntax::SourceFile;
use squawk_syntax::ast::AstNode;

use crate::ports::Engine;

const END: [char; 4] = [';', ' ', '\n', '\t'];

/// One statement and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, without what surrounds it.
    pub sql: String,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
}

/// The statements of a file.
#[must_use]
pub fn pieces(engine: Engine, sql: &str) -> Vec<Piece> {
    let ranges: Vec<(usize, usize)> = match engine {
        Engine::Postgres => SourceFile::parse(sql)
            .tree()
            .stmts()
            .map(|statement| statement.syntax().text_range())
            .map(|range| (range.start().into(), range.end().into()))
            .collect(),
        Engine::Sqlite => cut(sql),
    };
    let piece = |(start, end): (usize, usize)| Piece {
        sql: sql
            .get(start..end)
            .unwrap_or_default()
            .trim_end_matches(END)
            .trim()
            .to_owned(),
        line: 1 + sql.get(..start).unwrap_or_default().matches('\n').count(),
    };
    ranges
        .into_iter()
        .map(piece)
        .filter(|piece| !piece.sql.is_empty())
        .collect()
}

/// SQLite's own rule: a statement ends at its semicolon, a trigger at `; END ;`.
fn cut(sql: &str) -> Vec<(usize, usize)> {
    let (mut ranges, mut begun) = (Vec::new(), Vec::<(usize, String)>::new());
    for (start, word) in tokens(sql) {
        let ends = word == ";" && {
            let heads = begun.iter().map(|(_, word)| word.as_str());
            let trigger = heads.take(3).any(|word| word == "TRIGGER");
            let tail: Vec<&str> = begun
                .iter()
                .rev()
                .take(2)
                .map(|(_, w)| w.as_str())
                .collect();
            !trigger || tail == ["END", ";"]
        };
        if ends {
            ranges.extend(begun.first().map(|(first, _)| (*first, start)));
            begun.clear();
        } else {
            begun.push((start, word));
        }
    }
    ranges.extend(begun.first().map(|(first, _)| (*first, sql.len())));
    ranges
}

/// The words of a statement: no comments, capitals outside of quotes, quoted text whole.
#[must_use]
pub fn words(sql: &str) -> Vec<String> {
    tokens(sql).into_iter().map(|(_, word)| word).collect()
}

fn tokens(sql: &str) -> Vec<(usize, String)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let length = length_of(rest);
        let text = &rest[..length];
        let comment = text.starts_with("--") || text.starts_with("/*");
        if !comment && !text.trim().is_empty() {
            let quoted = text.starts_with('\'') || text.contains('"') || text.starts_with('$');
            let word = if quoted {
                text.to_owned()
            } else {
                text.to_uppercase()
            };
            tokens.push((at, word));
        }
        at += length;
    }
    tokens
}

/// How long the token at the beginning is: at least one character.
fn length_of(rest: &str) -> usize {
    let until = |end: &str, from: usize| {
        let found = rest.get(from..).and_then(|tail| tail.find(end));
        found.map_or(rest.len(), |found| from + found + end.len())
    };
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '-' if rest.starts_with("--") => until("\n", 2),
        '/' if rest.starts_with("/*") => until("*/", 2),
        '\'' => until("'", 1),
        '$' => match rest[1..].find('$') {
            Some(tag)
                if rest[1..=tag]
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '_') =>
            {
                until(&rest[..tag + 2], tag + 2)
            }
            _ => 1,
        },
        c if c.is_alphanumeric() || c == '_' || c == '"' => name_length(rest),
        other => other.len_utf8(),
    }
}

/// `public."Users"` is one word.
fn name_length(rest: &str) -> usize {
    let mut quoted = false;
    let inside = |c: char, quoted: &mut bool| {
        *quoted ^= c == '"';
        *quoted || c == '"' || c.is_alphanumeric() || c == '_' || c == '.' || c == '$'
    };
    let end = rest.char_indices().find(|(_, c)| !inside(*c, &mut quoted));
    end.map_or(rest.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_hide_nothing_and_split_nothing() {
        let found = words("alter table public.\"Users\" -- ; a\n add x text default 'a;b' /* ; */");
        let wanted = [
            "ALTER",
            "TABLE",
            "public.\"Users\"",
            "ADD",
            "X",
            "TEXT",
            "DEFAULT",
            "'a;b'",
        ];
        assert_eq!(found, wanted);
        assert_eq!(words("DO $x$ a; b $x$;"), ["DO", "$x$ a; b $x$", ";"]);
    }

    #[test]
    fn a_trigger_of_sqlite_is_one_statement() {
        let sql = "-- a\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n UPDATE a SET b = CASE 1 WHEN 1 \
                   THEN 2 END; SELECT 1;\nEND;\nDROP TABLE c;";
        let found = pieces(Engine::Sqlite, sql);
        assert_eq!((found.len(), found[1].line), (2, 5));
        assert!(found[0].sql.ends_with("END"), "{}", found[0].sql);
    }
}
