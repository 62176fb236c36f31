//! The report as JUnit: a suite a chapter, a case a line.

use std::fmt::Write;

use crate::conform::answer::{Answer, Verdict};
use crate::conform::offline::LineReport;
use crate::conform::report::{Planned, Report};

/// The document.
#[must_use]
pub fn junit(report: &Report, planned: Planned) -> String {
    let mut page =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"conform\">\n");
    let mut rest = report.lines.as_slice();
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|line| line.chapter == first.chapter);
        let (chapter, after) = rest.split_at(same.count());
        // Writing into a string can't fail.
        let _ = suite(&mut page, report, chapter, planned);
        rest = after;
    }
    page.push_str("</testsuites>\n");
    page
}

fn suite(
    page: &mut String,
    report: &Report,
    lines: &[LineReport],
    planned: Planned,
) -> std::fmt::Result {
    let count =
        |wanted: &dyn Fn(Verdict) -> bool| lines.iter().filter(|line| wanted(line.verdict)).count();
    let fails = |verdict| is_failure(verdict, planned);
    let unknown = |verdict| verdict == Verdict::Unknown;
    let skipped = |verdict| is_skipped(verdict, planned);
    writeln!(
        page,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" timestamp=\"{}\">",
        escaped(lines.first().map_or("", |line| &line.chapter)),
        lines.len(),
        count(&fails),
        count(&unknown),
        count(&skipped),
        report.at,
    )?;
    for line in lines {
        case(page, report, line, planned)?;
    }
    writeln!(page, "  </testsuite>")
}

fn case(
    page: &mut String,
    report: &Report,
    line: &LineReport,
    planned: Planned,
) -> std::fmt::Result {
    write!(
        page,
        "    <testcase classname=\"{}\" name=\"{} {}\"",
        escaped(&report.environment),
        escaped(&line.id),
        escaped(&line.text)
    )?;
    let element = match line.verdict {
        verdict if is_failure(verdict, planned) => "failure",
        Verdict::Unknown => "error",
        verdict if is_skipped(verdict, planned) => "skipped",
        _ => return writeln!(page, "/>"),
    };
    let bad = line
        .answers
        .iter()
        .filter(|answer| answer.verdict > Verdict::Holds);
    let told: Vec<String> = bad.map(told).chain(line.reason.clone()).collect();
    writeln!(
        page,
        ">\n      <{element} message=\"{}\"/>\n    </testcase>",
        escaped(&told.join("; "))
    )
}

fn is_failure(verdict: Verdict, planned: Planned) -> bool {
    verdict == Verdict::Broken || (verdict == Verdict::Planned && planned == Planned::Counts)
}

fn is_skipped(verdict: Verdict, planned: Planned) -> bool {
    verdict == Verdict::Elsewhere || (verdict == Verdict::Planned && planned == Planned::Allowed)
}

fn told(answer: &Answer) -> String {
    let (target, expected, actual) = (&answer.target, &answer.expected, &answer.actual);
    format!("{target}: expected {expected}, is {actual}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\n', " ")
}
