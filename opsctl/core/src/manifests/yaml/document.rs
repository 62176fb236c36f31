//! A text, document by document.

use saphyr_parser::{Event, Parser, ScanError};
use serde_json::Value;

use super::builder::Builder;

/// More than any file of manifests has; an object may have 1.5 MiB in the cluster.
const LARGEST: usize = 32 * 1024 * 1024;

/// One document, and the line in which it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub line: usize,
    pub value: Value,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub line: usize,
    pub problem: String,
    pub hint: Option<&'static str>,
}

impl Unreadable {
    pub(super) fn new(line: usize, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// The documents of a text; empty ones are none.
pub fn documents(text: &str) -> Result<Vec<Document>, Unreadable> {
    if text.len() > LARGEST {
        let problem = format!("{} MiB; 32 MiB is the most", text.len() / 1024 / 1024);
        return Err(Unreadable::new(1, problem).hint("part the file"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder::default();
    let mut found = Vec::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| unreadable(text, &error))?;
        match event {
            Event::DocumentStart(_) => builder = Builder::default(),
            Event::DocumentEnd => found.extend(builder.take()),
            other => builder.on(other, span.start.line())?,
        }
    }
    found.retain(|document| !document.value.is_null());
    Ok(found)
}

/// A tab is told where it stands, and not where the value began that it ends.
fn unreadable(text: &str, error: &ScanError) -> Unreadable {
    let line = error.marker().line();
    let mut below = (line..).zip(text.lines().skip(line.saturating_sub(1)));
    let tab = below.find(|(_, text)| begins_with_a_tab(text));
    match tab.filter(|_| error.info().contains("tab")) {
        Some((line, _)) => {
            Unreadable::new(line, error.info()).hint("indent with spaces: YAML takes no tabs there")
        }
        None => Unreadable::new(line, error.info()),
    }
}

fn begins_with_a_tab(line: &str) -> bool {
    line.trim_start_matches(' ').starts_with('\t')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(text: &str) -> Value {
        documents(text).unwrap().remove(0).value
    }

    fn refused(text: &str) -> Unreadable {
        documents(text).unwrap_err()
    }

    #[test]
    fn documents_are_told_with_their_lines_and_empty_ones_are_none() {
        let found =
            documents("# nothing\n---\na: 1\n---\n---\n# still nothing\n---\nb: 2\n").unwrap();
        let told: Vec<(usize, Value)> = found.into_iter().map(|d| (d.line, d.value)).collect();
        assert_eq!(told, [(3, json!({"a": 1})), (8, json!({"b": 2}))]);
        assert!(documents("").unwrap().is_empty());
    }

    #[test]
    fn quotes_keep_a_text_a_text() {
        let read = one("a: on\nb: \"08\"\nc: '1e3'\nd: |\n  0o7\ne: !!str 0o7\nf: \"\u{1f680}\"\n");
        let expected =
            json!({"a": "on", "b": "08", "c": "1e3", "d": "0o7\n", "e": "0o7", "f": "\u{1f680}"});
        assert_eq!(read, expected);
    }

    #[test]
    fn anchors_and_merge_keys_are_taken_apart() {
        let text = "base: &base {a: 1, b: 2}\ncopy: *base\nmore:\n  <<: *base\n  b: 3\n";
        let expected =
            json!({"base": {"a": 1, "b": 2}, "copy": {"a": 1, "b": 2}, "more": {"a": 1, "b": 3}});
        assert_eq!(one(text), expected);
        assert_eq!(
            one("a: &x {k: 1}\nb: &y {k: 2}\nc: {<<: [*x, *y]}\n")["c"],
            json!({"k": 1})
        );
    }

    #[test]
    fn whatever_cannot_be_read_is_told_with_its_line() {
        let table = [
            ("a: 1\nb: [1, 2\n", 3),
            ("a: 1\n\tb: 2\n", 2),
            ("a: 1\nb: 2\na: 3\n", 3),
            ("a: 1\nb: *nobody\n", 2),
            ("a: 2026-11-27\n", 1),
            ("a: 1\n8080: x\n", 2),
            ("a: &self\n  b: *self\n", 2),
            ("a: !vault secret\n", 1),
            ("? [a, b]\n: c\n", 1),
        ];
        for (text, line) in table {
            let refused = refused(text);
            assert_eq!(refused.line, line, "{text:?}: {}", refused.problem);
        }
        assert!(refused("a:\n\t- b\n").hint.unwrap().contains("spaces"));
        assert!(refused("a: 1\na: 2\n").problem.contains("line 1"));
    }

    #[test]
    fn a_bomb_of_anchors_is_refused_before_it_goes_off() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            text += &format!("a{level}: &a{level} [{before}]\n");
        }
        assert!(refused(&text).problem.contains("anchors"));
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(refused(&deep).problem.contains("deep"));
    }
}
