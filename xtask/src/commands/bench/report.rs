//! `docs/benchmarks.md`: one section a benchmark, each replaced when it is measured again.

use std::{fmt, fs};

use anyhow::{Context, Result};

use crate::checkout::Checkout;

/// The report, from the root of the clone.
const FILE: &str = "docs/benchmarks.md";
const OPENING: &str = "# Benchmarks

Measured by `cargo xtask bench`: candidates take turns, medians of at least five runs. Each section says where and when.
";

/// The figures of one benchmark.
#[derive(Debug)]
pub struct Section {
    /// The headline; it tells sections apart.
    pub title: String,
    /// What was measured.
    pub table: Table,
    /// What the figures say, against which goal.
    pub findings: Vec<String>,
    /// The machine and the day.
    pub circumstances: String,
}

/// A table of Markdown.
#[derive(Debug)]
pub struct Table {
    /// One a column.
    pub headings: &'static [&'static str],
    /// As many cells each as there are headings.
    pub rows: Vec<Vec<String>>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.headings.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(self.headings.len()))?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        writeln!(f, "{}", self.table)?;
        for finding in &self.findings {
            writeln!(f, "- {finding}")?;
        }
        writeln!(f, "\n{}", self.circumstances)
    }
}

/// How a goal is reported.
pub const fn goal(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}

/// Puts the section into the report, in place of the one with the same title.
pub fn keep(checkout: &Checkout, section: &Section) -> Result<()> {
    let path = checkout.root.join(FILE);
    let report = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => OPENING.to_owned(),
        Err(error) => return Err(error).context(FILE),
    };
    fs::write(path, with(&report, &section.title, &section.to_string())).context(FILE)
}

/// The report with one section put in or replaced; the others stay as they are.
fn with(report: &str, title: &str, section: &str) -> String {
    let heading = format!("## {title}\n");
    let (before, rest) = report.split_once(&heading).unwrap_or((report, ""));
    let after = rest.find("\n## ").and_then(|at| rest.get(at + 1..));
    let parts = [Some(before), Some(section), after].into_iter().flatten();
    let parts: Vec<&str> = parts.map(str::trim_end).collect();
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_section_is_added_at_the_end() {
        assert_eq!(
            with("# B\n", "one", "## one\n\n1\n"),
            "# B\n\n## one\n\n1\n"
        );
    }

    #[test]
    fn an_old_section_is_replaced_and_its_neighbours_stay() {
        let old = "# B\n\n## one\n\n1\n\n## two\n\n2\n";
        let expected = "# B\n\n## one\n\nnew\n\n## two\n\n2\n";
        assert_eq!(with(old, "one", "## one\n\nnew\n"), expected);
    }
}
