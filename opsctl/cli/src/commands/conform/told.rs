//! The report for people: a chapter, its lines, and under each what was expected, what is and where that was seen.

use opsctl_core::conform::{Answer, Counts, LineReport, Planned, Report, Verdict};

use crate::output::hanging;

/// Everything, for lines of this width.
pub fn all(report: &Report, planned: Planned, width: Option<usize>) -> String {
    let mut text = String::new();
    let mut chapter = "";
    for line in &report.lines {
        if line.chapter != chapter {
            chapter = &line.chapter;
            text.push_str(&format!("{chapter}\n\n"));
        }
        text.push_str(&of_line(line, width));
    }
    let place = match report.offline {
        true => "the repository".to_owned(),
        false => report.environment.clone(),
    };
    text.push_str(&hanging(
        &format!("{place}: {}", sums(&report.counts)),
        width,
    ));
    text.push('\n');
    if report.counts.planned > 0 && planned == Planned::Counts {
        let hint = "what is planned is not kept: --allow-planned shows it and goes on";
        text.push_str(&format!("{}\n", hanging(hint, width)));
    }
    text
}

fn of_line(line: &LineReport, width: Option<usize>) -> String {
    let head = format!("{} {}: {}", line.verdict.word(), line.id, line.text.trim());
    let mut text = format!("{}\n", hanging(&head, width));
    if let Some(reason) = &line.reason {
        text.push_str(&indented(reason, width));
    }
    for answer in &line.answers {
        text.push_str(&of_answer(answer, width));
    }
    text.push('\n');
    text
}

fn of_answer(answer: &Answer, width: Option<usize>) -> String {
    let Answer {
        check,
        target,
        expected,
        actual,
        ..
    } = answer;
    let what = match answer.verdict {
        Verdict::Holds => format!("{check} {target}: {expected}, is {actual}"),
        Verdict::Unknown => format!("{check} {target}: {expected}; unknown: {actual}"),
        _ => format!("{check} {target}: expected {expected}, is {actual}"),
    };
    let mut text = indented(&what, width);
    if let Some(evidence) = &answer.evidence {
        text.push_str(&indented(&format!("→ {evidence}"), width));
    }
    text
}

fn indented(text: &str, width: Option<usize>) -> String {
    let inner = width.map(|width| width.saturating_sub(10));
    let text = hanging(text, inner).replace('\n', "\n          ");
    format!("          {text}\n")
}

/// How many of each, and nothing of what there is none.
pub fn sums(counts: &Counts) -> String {
    let parts = [
        (counts.hold_in_the_world, "hold in the world"),
        (counts.hold_in_the_repository, "hold in the repository"),
        (counts.elsewhere, "of other environments"),
        (counts.planned, "planned"),
        (counts.unknown, "unknown"),
        (counts.broken, "BROKEN"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("{} lines: {}", counts.lines, parts.join(", "))
}
