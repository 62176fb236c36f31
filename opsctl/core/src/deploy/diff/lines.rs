//! Texts of several lines, line by line: a configuration file in a ConfigMap.

use similar::{ChangeTag, TextDiff};

/// So many unchanged lines are kept around a change.
const AROUND: usize = 2;

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// It is on both sides; shown for its place.
    Kept,
    /// It goes.
    Removed,
    /// It comes.
    Added,
    /// Unchanged lines are left out here.
    Gap,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LineChange {
    /// What happened to it.
    pub kind: LineKind,
    /// Its text.
    pub text: String,
}

/// The changed lines of two texts with a little around them; none where neither has several lines.
#[must_use]
pub fn changed_lines(before: &str, after: &str) -> Vec<LineChange> {
    let several = |text: &str| text.trim_end().contains('\n');
    if !several(before) && !several(after) {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        if !lines.is_empty() {
            lines.push(line(LineKind::Gap, ""));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let kind = match change.tag() {
                ChangeTag::Equal => LineKind::Kept,
                ChangeTag::Delete => LineKind::Removed,
                ChangeTag::Insert => LineKind::Added,
            };
            lines.push(line(kind, change.value()));
        }
    }
    lines
}

fn line(kind: LineKind, text: &str) -> LineChange {
    LineChange {
        kind,
        text: text.trim_end_matches(['\n', '\r']).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_with_a_little_around_it() {
        let before = "a\nb\nc\nd\ne\nf\n";
        let after = "a\nb\nc\nd\nE\nf\n";
        let told: Vec<(LineKind, String)> = changed_lines(before, after)
            .into_iter()
            .map(|line| (line.kind, line.text))
            .collect();
        assert_eq!(
            told,
            [
                (LineKind::Kept, "c".to_owned()),
                (LineKind::Kept, "d".to_owned()),
                (LineKind::Removed, "e".to_owned()),
                (LineKind::Added, "E".to_owned()),
                (LineKind::Kept, "f".to_owned()),
            ]
        );
    }

    #[test]
    fn a_text_of_one_line_is_told_as_a_value() {
        assert!(changed_lines("on\n", "off\n").is_empty());
    }
}
