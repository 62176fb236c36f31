//! The metrics that a PromQL expression names. No parser: promtool has judged the expression before.

use std::collections::BTreeSet;

use anyhow::Result;
use regex::Regex;

/// Words of the language that look like names.
const WORDS: [&str; 15] = [
    "and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "Inf", "NaN", "by", "without",
    "on", "ignoring", "start",
];

/// What names metrics: a rule, a panel.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Whose it is.
    pub of: String,
    pub text: String,
    /// The name under which its result is kept.
    pub records: Option<String>,
}

/// The names of an expression.
pub fn metrics(text: &str) -> Result<BTreeSet<String>> {
    let mut text = text.to_owned();
    // Texts first: they may hold anything; then what stands in brackets of any sort, and the lists of labels.
    for noise in [
        r#""[^"]*""#,
        r"'[^']*'",
        r"\{[^}]*\}",
        r"\[[^\]]*\]",
        r"(?-u:\b)(by|without|on|ignoring|group_left|group_right) *\([^)]*\)",
        r"\$[A-Za-z0-9_]+",
    ] {
        text = Regex::new(noise)?.replace_all(&text, " ").into_owned();
    }
    let name = Regex::new(r"[a-zA-Z_:][a-zA-Z0-9_:]*")?;
    let mut found = BTreeSet::new();
    for hit in name.find_iter(&text) {
        let is_number = text[..hit.start()].ends_with(|c: char| c.is_ascii_digit());
        let is_function = text[hit.end()..].trim_start().starts_with('(');
        if !is_number && !is_function && !WORDS.contains(&hit.as_str()) {
            found.insert(hit.as_str().to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        metrics(text).unwrap_or_default().into_iter().collect()
    }

    #[test]
    fn functions_labels_and_texts_are_no_metrics() {
        let text = r#"sum by (service, le) (rate(a_total{x="b_total",y=~"c|d"}[5m])) / on (e) group_left () f:g:h > 0.5 * 1e3"#;
        assert_eq!(names(text), ["a_total", "f:g:h"]);
    }

    #[test]
    fn what_binds_two_metrics_is_none_itself() {
        assert_eq!(
            names("a unless on (x) b or 0 * c and d offset 5m"),
            ["a", "b", "c", "d"]
        );
        assert_eq!(
            names(r#"label_replace(a, "to", "$1", "from", "(.*)")"#),
            ["a"]
        );
        assert_eq!(names("rate(a[$__rate_interval]) > bool $limit"), ["a"]);
    }
}
