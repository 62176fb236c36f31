//! The index template beside documents: each field is of the type that it is mapped to, and of one type alone.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What Elasticsearch takes for the type of a field that no mapping names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
}

/// The template.
#[derive(Debug)]
pub struct Index {
    patterns: Vec<String>,
    /// Types by path; of an object that is one field, that field's.
    mapped: BTreeMap<String, String>,
    detects_dates: bool,
}

impl Index {
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)?;
        let template: Value = serde_json::from_str(&text).context("template.json")?;
        let mappings = &template["template"]["mappings"];
        let mut mapped = BTreeMap::new();
        map("", &mappings["properties"], &mut mapped);
        let patterns = template["index_patterns"].as_array().into_iter().flatten();
        Ok(Self {
            patterns: patterns
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
            mapped,
            detects_dates: mappings["date_detection"] != false,
        })
    }

    /// Whether documents of that index are mapped by this template.
    pub fn covers(&self, index: &str) -> bool {
        let mut prefixes = self.patterns.iter().filter_map(|it| it.strip_suffix('*'));
        prefixes.any(|prefix| index.starts_with(prefix))
    }

    /// Whether there may be such a field.
    pub fn knows(&self, path: &str) -> bool {
        self.mapped.contains_key(path)
    }

    /// What Elasticsearch would refuse, or file differently from one document to the next.
    pub fn faults(&self, documents: &[Map<String, Value>]) -> Vec<String> {
        let mut faults = Vec::new();
        if self.detects_dates {
            faults.push("template.json: a text that looks like a date makes all others of its name unreadable".into());
        }
        let mut seen = BTreeMap::new();
        for document in documents {
            let stream = ["type", "dataset", "namespace"]
                .map(|part| document["data_stream"][part].as_str().unwrap_or_default());
            let index = stream.join("-");
            if !self.covers(&index) {
                faults.push(format!("template.json does not cover {index}"));
            }
            for (path, value) in self.leaves(document) {
                faults.extend(self.misfit([&index, &path], value, &mut seen));
            }
        }
        faults.sort();
        faults.dedup();
        faults
    }

    fn misfit(
        &self,
        [index, path]: [&str; 2],
        value: &Value,
        seen: &mut BTreeMap<[String; 2], Kind>,
    ) -> Option<String> {
        let Some(mapped) = self.mapped.get(path) else {
            let kind = match value {
                Value::String(_) => Kind::Text,
                Value::Number(_) => Kind::Number,
                Value::Bool(_) => Kind::Boolean,
                _ => return None,
            };
            // Of one stream: each has an index of its own.
            let of = [index, path].map(str::to_owned);
            let first = *seen.entry(of).or_insert(kind);
            return (first != kind)
                .then(|| format!("{path} is {kind:?} in a line and {first:?} in another"));
        };
        let is_date = |text: &str| OffsetDateTime::parse(text, &Rfc3339).is_ok();
        let fits = match mapped.as_str() {
            "keyword" | "text" => value.is_string(),
            "date" => value.as_str().is_some_and(is_date),
            "float" => value.is_number(),
            "flattened" => value.is_object(),
            _ => false,
        };
        (!fits).then(|| format!("{path} is mapped as {mapped}, and is {value}"))
    }

    /// Every field that has a value, by its path.
    fn leaves<'a>(&self, document: &'a Map<String, Value>) -> Vec<(String, &'a Value)> {
        let mut found = Vec::new();
        let mut open: Vec<(String, &Value)> = Vec::new();
        open.extend(document.iter().map(|(name, value)| (name.clone(), value)));
        while let Some((path, value)) = open.pop() {
            match value {
                Value::Null => {}
                Value::Object(fields) if !self.knows(&path) => {
                    open.extend(
                        fields
                            .iter()
                            .map(|(name, value)| (format!("{path}.{name}"), value)),
                    );
                }
                Value::Array(all) => open.extend(all.iter().map(|value| (path.clone(), value))),
                value => found.push((path, value)),
            }
        }
        found
    }

    /// The paths of all fields that documents have.
    pub fn paths(&self, documents: &[Map<String, Value>]) -> Vec<String> {
        let all = documents.iter().flat_map(|document| self.leaves(document));
        all.map(|(path, _)| path).collect()
    }
}

fn map(before: &str, properties: &Value, mapped: &mut BTreeMap<String, String>) {
    for (name, field) in properties.as_object().into_iter().flatten() {
        let path = match before {
            "" => name.clone(),
            before => format!("{before}.{name}"),
        };
        match field["type"].as_str() {
            Some(kind) => drop(mapped.insert(path, kind.to_owned())),
            None => map(&path, &field["properties"], mapped),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(mappings: &Value, documents: &[Value]) -> Result<Vec<String>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("template.json");
        let template = json!({"index_patterns": ["logs-a-*"], "template": {"mappings": mappings}});
        fs::write(&file, template.to_string())?;
        let stream = json!({"type": "logs", "dataset": "a", "namespace": "default"});
        let documents = documents.iter().filter_map(|it| {
            let mut document = it.as_object().cloned()?;
            document.insert("data_stream".into(), stream.clone());
            Some(document)
        });
        Ok(Index::read(&file)?.faults(&documents.collect::<Vec<_>>()))
    }

    #[test]
    fn a_field_of_two_types_and_one_of_another_than_mapped_are_told() -> Result<()> {
        let mappings = json!({"date_detection": false, "properties": {"took": {"type": "float"}}});
        let documents = [
            json!({"a": 1}),
            json!({"a": "one"}),
            json!({"took": "long"}),
        ];
        let expected = [
            "a is Text in a line and Number in another",
            "took is mapped as float, and is \"long\"",
        ];
        assert_eq!(told(&mappings, &documents)?, expected);
        Ok(())
    }

    #[test]
    fn guessing_dates_is_told_and_an_object_that_is_one_field_is_not_looked_into() -> Result<()> {
        let mappings = json!({"properties": {"labels": {"type": "flattened"}}});
        let documents = [
            json!({"labels": {"a": "b", "a.c": "d"}}),
            json!({"labels": null}),
        ];
        let faults = told(&mappings, &documents)?;
        assert!(
            faults.len() == 1 && faults[0].contains("looks like a date"),
            "{faults:?}"
        );
        Ok(())
    }
}
