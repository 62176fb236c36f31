//! Kibana's saved objects: what they show and ask is there in the index, and what they refer to is among them.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};
use regex::Regex;
use serde_json::{Map, Value};

use super::index::Index;

/// Every fault of the file.
pub fn faults(file: &Path, index: &Index, documents: &[Map<String, Value>]) -> Result<Vec<String>> {
    let text = fs::read_to_string(file)?;
    let objects = text
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()));
    let objects = objects.collect::<Result<Vec<Value>>>()?;
    let known: BTreeSet<String> = index.paths(documents).into_iter().collect();
    let ids: BTreeSet<_> = objects
        .iter()
        .map(|it| (&it["type"], &it["id"]))
        .map(told)
        .collect();
    let mut faults = Vec::new();
    for object in &objects {
        let name = told((&object["type"], &object["id"]));
        for field in fields(object)? {
            if !index.knows(&field) && !known.contains(&field) {
                faults.push(format!(
                    "saved-objects.ndjson: {name} names {field}, which no document has"
                ));
            }
        }
        for reference in object["references"].as_array().into_iter().flatten() {
            let wanted = told((&reference["type"], &reference["id"]));
            if !ids.contains(&wanted) {
                faults.push(format!(
                    "saved-objects.ndjson: {name} refers to {wanted}, which is not there"
                ));
            }
        }
        let title = object["attributes"]["title"].as_str().unwrap_or_default();
        if object["type"] == "index-pattern" && !index.covers(title) {
            faults.push(format!(
                "saved-objects.ndjson: {name} shows {title}, which is no index of ours"
            ));
        }
    }
    Ok(faults)
}

fn told((kind, id): (&Value, &Value)) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{} {}", text(kind), text(id))
}

/// Columns, what is sorted by, what is asked.
fn fields(object: &Value) -> Result<Vec<String>> {
    let attributes = &object["attributes"];
    let texts = |value: &Value| {
        let all = value.as_array().into_iter().flatten();
        all.filter_map(|it| it.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let mut found = texts(&attributes["columns"]);
    found.extend(attributes["timeFieldName"].as_str().map(str::to_owned));
    let sorted = attributes["sort"].as_array().into_iter().flatten();
    found.extend(sorted.filter_map(|it| it[0].as_str().map(str::to_owned)));
    let source = &attributes["kibanaSavedObjectMeta"]["searchSourceJSON"];
    if let Some(source) = source.as_str() {
        let source: Value = serde_json::from_str(source)?;
        let asked = source["query"]["query"].as_str().unwrap_or_default();
        let field = Regex::new(r"([A-Za-z_@][A-Za-z0-9_.@]*) *:")?;
        found.extend(field.captures_iter(asked).map(|it| it[1].to_owned()));
    }
    Ok(found)
}
