//! Dashboards are JSON that Grafana reads: each has an id of its own, and each panel asks for metrics that somebody exports.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{exporters::Exported, expressions::Expression};

/// What is wrong with the dashboards of a folder.
pub fn faults(folder: &Path, exported: &Exported) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    let listed = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = listed
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    ensure!(
        !paths.is_empty(),
        "no dashboard lies in {}",
        folder.display()
    );
    for path in paths {
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let dashboard: Value = serde_json::from_str(&fs::read_to_string(&path)?)
            .with_context(|| format!("{file} is no JSON"))?;
        let id = dashboard["uid"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() || !ids.insert(id.clone()) {
            faults.push(format!("{file}: its uid '{id}' is none of its own"));
        }
        faults.extend(exported.unknown_in(expressions(&file, &dashboard)));
    }
    Ok(faults)
}

/// What the panels of a dashboard and its variables ask.
fn expressions(file: &str, dashboard: &Value) -> Vec<Expression> {
    let panels = dashboard["panels"].as_array().into_iter().flatten();
    let mut found = Vec::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap_or_default();
        for target in panel["targets"].as_array().into_iter().flatten() {
            found.push(Expression {
                of: format!("{file}, '{title}'"),
                text: target["expr"].as_str().unwrap_or_default().to_owned(),
                records: None,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(dashboard: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("a.json"), dashboard)?;
        let exported = Exported::default().with(["known_total".to_owned()]);
        faults(folder.path(), &exported)
    }

    #[test]
    fn a_dashboard_that_names_a_metric_that_does_not_exist_is_told_with_its_panel() -> Result<()> {
        let faults = told(
            r#"{"uid": "a", "panels": [{"title": "Traffic", "targets": [{"expr": "rate(known_total[1m])"}, {"expr": "rate(unkown_total[1m])"}]}]}"#,
        )?;
        let expected =
            "a.json, 'Traffic': nobody exports unkown_total (exporters.yaml says who exports what)";
        assert_eq!(faults, [expected]);
        Ok(())
    }

    #[test]
    fn a_dashboard_without_an_id_and_a_file_that_is_no_json_are_refused() -> Result<()> {
        assert_eq!(told("{}")?, ["a.json: its uid '' is none of its own"]);
        let refused = told("{").map_err(|error| format!("{error:#}"));
        assert!(refused.is_err_and(|error| error.contains("a.json is no JSON")));
        Ok(())
    }
}
