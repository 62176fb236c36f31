//! Tests of rules are tested themselves: each threshold, each comparison and each time is changed in a copy, and some test of that alert
//! must fail. What survives is a rule that nobody would notice to be wrong.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use regex::Regex;
use testkit::files::TempDir;

use super::rules;
use crate::{machine::child, terminal::say};

/// One change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mutation {
    alert: String,
    what: String,
    text: String,
}

/// Every change that no test notices.
pub fn survivors(promtool: &Path, place: &Path) -> Result<Vec<String>> {
    let mut survivors = Vec::new();
    let mut count = 0;
    for file in rules::files(&place.join("rules"))? {
        let text = fs::read_to_string(&file)?;
        let name = file.file_name().context("a file has a name")?;
        for mutation in mutations(&text)? {
            count += 1;
            if !is_noticed(promtool, place, Path::new(name), &mutation)? {
                let Mutation { alert, what, .. } = mutation;
                survivors.push(format!("{alert}: no test notices {what}"));
            }
        }
    }
    say(&format!(
        "{count} changes of rules, {} unnoticed",
        survivors.len()
    ));
    Ok(survivors)
}

/// Whether a test of that alert fails over the changed rule. Other alerts are left out, so that it takes no longer than it must.
fn is_noticed(promtool: &Path, place: &Path, changed: &Path, mutation: &Mutation) -> Result<bool> {
    let copy = TempDir::new()?;
    for folder in ["rules", "tests"] {
        fs::create_dir(copy.path().join(folder))?;
    }
    for file in rules::files(&place.join("rules"))? {
        let name = file.file_name().context("a file has a name")?;
        let text = match Path::new(name) == changed {
            true => mutation.text.clone(),
            false => fs::read_to_string(&file)?,
        };
        let kept = without_others(&text, &mutation.alert)?;
        if kept.contains("      - ") {
            fs::write(copy.path().join("rules").join(name), kept)?;
        }
    }
    let mut tests = Vec::new();
    for file in rules::files(&place.join("tests"))? {
        let text = fs::read_to_string(&file)?;
        if let Some(of_alert) = only(&text, &mutation.alert) {
            let name = file.file_name().context("a file has a name")?;
            tests.push(copy.path().join("tests").join(name));
            fs::write(tests.last().context("just put there")?, of_alert)?;
        }
    }
    if tests.is_empty() {
        return Ok(false);
    }
    let mut command = Command::new(promtool);
    command.current_dir(copy.path().join("tests"));
    command
        .args(["test", "rules"])
        .args(tests)
        .stdin(Stdio::null());
    Ok(!child::succeeds(&mut command))
}

/// A file of rules without the alerts that have another name.
fn without_others(text: &str, alert: &str) -> Result<String> {
    let rule = Regex::new(r"(?m)^      - (alert|record): ([A-Za-z0-9:_]+)$")?;
    let group = Regex::new(r"(?m)^  - name: ")?;
    let mut starts: Vec<(usize, bool)> = Vec::new();
    for hit in rule.captures_iter(text) {
        let is_other = &hit[1] == "alert" && &hit[2] != alert;
        starts.push((hit.get(0).context("the whole")?.start(), !is_other));
    }
    starts.extend(group.find_iter(text).map(|hit| (hit.start(), true)));
    starts.sort_unstable();
    let ends = starts.iter().skip(1).map(|(start, _)| *start);
    let ends = ends.chain([text.len()]);
    let parts = starts.iter().zip(ends);
    let kept = parts.filter(|((_, keep), _)| *keep);
    let head = starts.first().map_or("", |(start, _)| &text[..*start]);
    let kept: String = kept.map(|((start, _), end)| &text[*start..end]).collect();
    Ok(format!("{head}{kept}"))
}

/// A file of tests with those of one alert alone; None when it has none.
fn only(text: &str, alert: &str) -> Option<String> {
    let (head, tests) = text.split_once("tests:\n")?;
    let tests = tests.split_inclusive('\n').collect::<Vec<_>>();
    let begins: Vec<usize> = (0..tests.len())
        .filter(|at| tests[*at].starts_with("  - name: "))
        .collect();
    let ends = begins.iter().skip(1).copied().chain([tests.len()]);
    let named = format!("  - name: {alert} ");
    let wanted = begins
        .iter()
        .zip(ends)
        .filter(|(begin, _)| tests[**begin].starts_with(&named));
    let kept: String = wanted
        .flat_map(|(begin, end)| tests[*begin..end].iter().copied())
        .collect();
    (!kept.is_empty()).then(|| format!("{head}tests:\n{kept}"))
}

/// Every change of the alerts of one file: comparisons, thresholds, times.
fn mutations(text: &str) -> Result<Vec<Mutation>> {
    let rule = Regex::new(r"(?m)^      - (alert|record): ([A-Za-z0-9:_]+)$")?;
    let begins: Vec<_> = rule.captures_iter(text).collect();
    let mut found = Vec::new();
    for (at, begin) in begins.iter().enumerate() {
        let start = begin.get(0).context("the whole")?.start();
        let end = begins.get(at + 1).and_then(|next| next.get(0));
        let end = end.map_or(text.len(), |next| next.start());
        if &begin[1] == "alert" {
            for (what, changed) in changes(&text[start..end])? {
                found.push(Mutation {
                    alert: begin[2].to_owned(),
                    what,
                    text: format!("{}{changed}{}", &text[..start], &text[end..]),
                });
            }
        }
    }
    Ok(found)
}

/// The changes of one rule.
fn changes(rule: &str) -> Result<Vec<(String, String)>> {
    // What stands before the labels: the expression and its time.
    let end = rule.find("        labels:").unwrap_or(rule.len());
    let (rule, rest) = rule.split_at(end);
    let mut found = Vec::new();
    let comparison = Regex::new(r" (>=|<=|==|>|<) ")?;
    // Where several windows must agree or a figure is extrapolated, exactly at the threshold is a moment that no test can hold.
    let several = rule.matches("service:http_errors").count() > 1;
    let inexact = several
        || ["increase(", "predict_linear("]
            .iter()
            .any(|it| rule.contains(it));
    for hit in comparison.captures_iter(rule).filter(|_| !inexact) {
        let operator = hit.get(1).context("the operator")?;
        let other = match operator.as_str() {
            ">" => ">=",
            ">=" => ">",
            "<" => "<=",
            "<=" => "<",
            _ => "!=",
        };
        let what = format!("{} in place of {}", other, operator.as_str());
        found.push((what, replaced(rule, operator.range(), other)));
    }
    let threshold = Regex::new(r" [<>]=? ([0-9]+(?:\.[0-9]+)?)")?;
    for hit in threshold.captures_iter(rule) {
        let number = hit.get(1).context("the number")?;
        let value: f64 = number.as_str().parse()?;
        for scaled in beside(value) {
            let what = format!("{scaled} in place of {value}");
            found.push((what, replaced(rule, number.range(), &scaled.to_string())));
        }
    }
    let time = Regex::new(r"(?m)^        for: ([0-9]+)m$|^        for: ([0-9]+)h$")?;
    for hit in time.captures_iter(rule) {
        let minutes = hit.get(1).map(|it| it.as_str().parse::<u32>());
        let hours = hit.get(2).map(|it| it.as_str().parse::<u32>());
        let seconds = minutes.transpose()?.map_or(0, |it| it * 60)
            + hours.transpose()?.map_or(0, |it| it * 3600);
        for other in [seconds / 2, seconds * 3 / 2] {
            let line = format!("        for: {other}s");
            let whole = hit.get(0).context("the line")?.range();
            found.push((format!("a time of {other} s"), replaced(rule, whole, &line)));
        }
    }
    Ok(found
        .into_iter()
        .map(|(what, rule)| (what, format!("{rule}{rest}")))
        .collect())
}

/// A little less and a little more; nothing beside 0 and 1, which stand for no and yes.
fn beside(value: f64) -> Vec<f64> {
    let whole = value.fract() == 0.0;
    match () {
        () if whole && value <= 1.0 => Vec::new(),
        () if whole && value < 10.0 => vec![value - 1.0, value + 1.0],
        () => vec![value * 0.9, value * 1.1],
    }
}

fn replaced(text: &str, range: std::ops::Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "groups:\n  - name: a\n    rules:\n      - record: r\n        expr: x > 1\n      - alert: A\n        expr: x > 0.5 and y < 1\n        for: 5m\n        labels:\n          a: > 9 in a label\n";

    #[test]
    fn each_comparison_threshold_and_time_of_an_alert_is_changed_once() -> Result<()> {
        let whats: Vec<String> = mutations(RULES)?.into_iter().map(|it| it.what).collect();
        assert_eq!(
            whats,
            [
                ">= in place of >",
                "<= in place of <",
                "0.45 in place of 0.5",
                "0.55 in place of 0.5",
                "a time of 150 s",
                "a time of 450 s",
            ]
        );
        Ok(())
    }

    #[test]
    fn other_alerts_are_left_out_and_what_is_recorded_stays() -> Result<()> {
        let two = format!("{RULES}      - alert: B\n        expr: z\n");
        assert_eq!(without_others(&two, "A")?, RULES);
        let none = without_others(&two, "C")?;
        assert!(none.contains("record: r") && !none.contains("alert"));
        Ok(())
    }

    #[test]
    fn only_the_tests_of_an_alert_are_kept() {
        let text = "head\ntests:\n  - name: A fires\n    x: 1\n  - name: B fires\n    x: 2\n";
        assert_eq!(
            only(text, "A").as_deref(),
            Some("head\ntests:\n  - name: A fires\n    x: 1\n")
        );
        assert_eq!(only(text, "C"), None);
    }
}
