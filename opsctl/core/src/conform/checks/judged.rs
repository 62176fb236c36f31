//! What was seen, beside what was expected.

use serde_json::Value;

use crate::conform::answer::{Answer, Seen, Verdict};
use crate::conform::expectation::{Expectation, shown};
use crate::failure::Result;

/// What was seen beside what was expected; what could not be read is unknown.
pub fn judged(
    check: &'static str,
    target: String,
    expected: String,
    wanted: &Expectation,
    seen: Result<Seen>,
) -> Answer {
    let (actual, evidence, verdict) = match seen {
        Ok(Seen { value, evidence }) => {
            let verdict = match wanted.holds(value.as_ref()) {
                true => Verdict::Holds,
                false => Verdict::Broken,
            };
            let actual = value.map_or_else(|| "not there".to_owned(), |value| shortened(&value));
            (actual, Some(evidence), verdict)
        }
        Err(failure) => (failure.to_string(), None, Verdict::Unknown),
    };
    Answer {
        check,
        target,
        expected,
        actual,
        evidence,
        verdict,
    }
}

/// A value that fits a report.
fn shortened(value: &Value) -> String {
    const LONGEST: usize = 160;
    let words: Vec<String> = shown(value).split_whitespace().map(str::to_owned).collect();
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
