//! What every alert must have: a severity, a sentence, and a runbook that somebody who was just woken can follow.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{expressions::Expression, rules};

const SEVERITIES: [&str; 4] = ["P1", "P2", "P3", "P4"];
/// Where runbooks of alerts lie, from the root of the clone.
const RUNBOOKS: &str = "runbooks/alerts";
/// What each of them says, in this order.
const HEADINGS: [&str; 7] = [
    "## Meaning",
    "## Impact",
    "## Diagnosis",
    "## Mitigation",
    "## Verify recovery",
    "## Roll back",
    "## Escalate",
];

/// A rule that somebody hears of.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Alert {
    alert: Option<String>,
    record: Option<String>,
    expr: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Alert>,
}

/// Every alert of a folder of rules.
pub fn read(folder: &Path) -> Result<Vec<Alert>> {
    let mut all = every_rule(folder)?;
    all.retain(|rule| rule.alert.is_some());
    Ok(all)
}

/// Every expression of a folder of rules, and the names that its recording rules add.
pub fn expressions(folder: &Path) -> Result<Vec<Expression>> {
    let all = every_rule(folder)?.into_iter();
    let named = |rule: Alert| {
        let of = rule.alert.or_else(|| rule.record.clone());
        Expression {
            of: of.unwrap_or_default(),
            text: rule.expr,
            records: rule.record,
        }
    };
    Ok(all.map(named).collect())
}

fn every_rule(folder: &Path) -> Result<Vec<Alert>> {
    let mut all = Vec::new();
    for path in rules::files(folder)? {
        let text = fs::read_to_string(&path)?;
        let file: File = serde_yaml::from_str(&text).with_context(|| path.display().to_string())?;
        all.extend(file.groups.into_iter().flat_map(|group| group.rules));
    }
    Ok(all)
}

/// What is wrong with the alerts and their runbooks.
pub fn faults(alerts: &[Alert], root: &Path) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut wanted = BTreeSet::new();
    for alert in alerts {
        let name = alert.alert.as_deref().unwrap_or_default();
        let told = alert.faults(name);
        faults.extend(told.into_iter().map(|fault| format!("{name}: {fault}")));
        if wanted.insert(name.to_owned()) {
            faults.extend(runbook_faults(name, root));
        }
    }
    for entry in fs::read_dir(root.join(RUNBOOKS)).into_iter().flatten() {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let name = file.strip_suffix(".md").unwrap_or(&file);
        if !wanted.contains(name) {
            faults.push(format!("{RUNBOOKS}/{file}: no alert has this name"));
        }
    }
    Ok(faults)
}

impl Alert {
    fn faults(&self, name: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let severity = self.labels.get("severity").map_or("", String::as_str);
        if !SEVERITIES.contains(&severity) {
            faults.push(format!("its severity is '{severity}', none of P1 to P4"));
        }
        if self.annotations.get("summary").is_none_or(String::is_empty) {
            faults.push("it has no summary".to_owned());
        }
        let link = format!("{{{{ $externalLabels.runbooks }}}}/alerts/{name}.md");
        match self.annotations.get("runbook_url") {
            None => faults.push(format!("it has no runbook_url: {link}")),
            Some(other) if *other != link => {
                faults.push(format!("its runbook_url is {other}, not {link}"));
            }
            Some(_) => {}
        }
        faults
    }
}

fn runbook_faults(name: &str, root: &Path) -> Vec<String> {
    let file = format!("{RUNBOOKS}/{name}.md");
    let Ok(text) = fs::read_to_string(root.join(&file)) else {
        return vec![format!("{name}: it has no runbook: write {file}")];
    };
    let mut faults = Vec::new();
    if !text.starts_with(&format!("# {name}: ")) {
        faults.push(format!(
            "{file} must begin with `# {name}: ` and what it is"
        ));
    }
    let found: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    if found != HEADINGS {
        let headings = HEADINGS.join(", ");
        faults.push(format!(
            "{file} must have these parts in this order: {headings}"
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rule: &str, runbooks: &[(&str, &str)]) -> Result<Vec<String>> {
        let root = tempfile::tempdir()?;
        let folder = root.path().join("rules");
        fs::create_dir_all(&folder)?;
        fs::create_dir_all(root.path().join(RUNBOOKS))?;
        fs::write(
            folder.join("a.yaml"),
            format!("groups: [{{rules: [{rule}]}}]"),
        )?;
        for (name, text) in runbooks {
            fs::write(root.path().join(RUNBOOKS).join(name), text)?;
        }
        faults(&read(&folder)?, root.path())
    }

    const WHOLE: &str = r#"{alert: A, expr: x, labels: {severity: P1}, annotations: {summary: s, runbook_url: "{{ $externalLabels.runbooks }}/alerts/A.md"}}"#;

    fn runbook() -> String {
        format!("# A: what\n\n{}\n", HEADINGS.join("\n\n"))
    }

    #[test]
    fn an_alert_with_everything_has_no_fault() -> Result<()> {
        assert!(told(WHOLE, &[("A.md", &runbook())])?.is_empty());
        Ok(())
    }

    #[test]
    fn an_alert_without_a_runbook_is_told_which_file_to_write() -> Result<()> {
        assert_eq!(
            told(WHOLE, &[])?,
            ["A: it has no runbook: write runbooks/alerts/A.md"]
        );
        Ok(())
    }

    #[test]
    fn severity_summary_and_link_are_asked_for() -> Result<()> {
        let bare = "{alert: A, expr: x, labels: {severity: critical}}";
        let faults = told(bare, &[("A.md", &runbook())])?;
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert_eq!(faults[0], "A: its severity is 'critical', none of P1 to P4");
        let other = WHOLE.replace("A.md", "B.md");
        let faults = told(&other, &[("A.md", &runbook())])?;
        assert!(faults[0].contains("not {{ $externalLabels.runbooks }}/alerts/A.md"));
        Ok(())
    }

    #[test]
    fn a_runbook_that_leaves_a_part_out_or_belongs_to_nobody_is_named() -> Result<()> {
        let short = runbook().replace("## Roll back\n", "");
        let faults = told(WHOLE, &[("A.md", &short), ("B.md", "")])?;
        assert!(
            faults[0].contains("A.md must have these parts"),
            "{faults:?}"
        );
        assert_eq!(faults[1], "runbooks/alerts/B.md: no alert has this name");
        Ok(())
    }
}
