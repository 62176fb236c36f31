//! Cutting a CREATE TABLE statement into its parts, as text. Pure.

use std::ops::Range;

/// The parts between the outermost parentheses: columns and constraints, with their places in the text.
fn parts(sql: &str) -> Vec<Range<usize>> {
    let (mut depth, mut quote, mut begin) = (0_u32, None, 0);
    let mut parts = Vec::new();
    for (at, c) in sql.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => {
                depth += 1;
                if depth == 1 {
                    begin = at + 1;
                }
            }
            (None, ')') => {
                if depth == 1 {
                    parts.push(begin..at);
                }
                depth = depth.saturating_sub(1);
            }
            (None, ',') if depth == 1 => {
                parts.push(begin..at);
                begin = at + 1;
            }
            (None, _) => {}
        }
    }
    parts
}

/// Each named CHECK or foreign key, with the statement as it would be without it.
pub(super) fn without_each_constraint(sql: &str) -> Vec<(String, String)> {
    let cut = |part: &Range<usize>| {
        let mut words = sql[part.clone()].split_whitespace();
        let is_constraint = words.next()?.eq_ignore_ascii_case("constraint");
        let name = words.next()?.trim_matches('"').to_owned();
        let kind = words.next()?.to_uppercase();
        let can_go = kind.starts_with("CHECK") || kind.starts_with("FOREIGN");
        // The comma before it goes too; a constraint is never the first part.
        let from = part.start.checked_sub(1)?;
        let without = format!("{}{}", &sql[..from], &sql[part.end..]);
        (is_constraint && can_go).then_some((name, without))
    };
    parts(sql).iter().filter_map(cut).collect()
}

/// Each column with a default, with the statement as it would be with another default.
pub(super) fn with_each_default_changed(sql: &str) -> Vec<(String, String)> {
    let change = |part: &Range<usize>| {
        let text = &sql[part.clone()];
        let name = text.split_whitespace().next()?.trim_matches('"').to_owned();
        let begin = part.start + text.find(" DEFAULT ")? + " DEFAULT ".len();
        let end = begin + expression(&sql[begin..part.end]);
        let changed = format!("{}'damaged'{}", &sql[..begin], &sql[end..]);
        (!name.eq_ignore_ascii_case("constraint")).then_some((name, changed))
    };
    parts(sql).iter().filter_map(change).collect()
}

/// The length of the expression at the beginning: up to its closing parenthesis, or one word.
fn expression(text: &str) -> usize {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth = depth.saturating_sub(1),
            c if c.is_whitespace() && depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "CREATE TABLE t (a TEXT DEFAULT ('x, (y)'), b INTEGER DEFAULT 0 NOT NULL, \
                       CONSTRAINT t_a CHECK (a <> ','), CONSTRAINT t_u UNIQUE (b)) STRICT";

    #[test]
    fn a_constraint_goes_with_its_comma_and_a_key_stays() {
        let cut = without_each_constraint(SQL);
        assert_eq!(cut.len(), 1);
        assert_eq!(cut[0].0, "t_a");
        assert!(
            cut[0]
                .1
                .ends_with("NOT NULL, CONSTRAINT t_u UNIQUE (b)) STRICT"),
            "{}",
            cut[0].1
        );
    }

    #[test]
    fn every_default_is_changed_alone() {
        let changed = with_each_default_changed(SQL);
        let names: Vec<&str> = changed.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(
            changed[0]
                .1
                .contains("a TEXT DEFAULT 'damaged', b INTEGER DEFAULT 0")
        );
        assert!(
            changed[1]
                .1
                .contains("b INTEGER DEFAULT 'damaged' NOT NULL")
        );
    }
}
