//! The objects that a patch is for.

use regex::Regex;
use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::manifests::Manifest;
use crate::manifests::kustomization::Selector;
use crate::manifests::source::fault;
use crate::manifests::walk::at;

/// The places of those that a selector chooses.
pub fn selected(manifests: &[Manifest], selector: &Selector, file: &str) -> Result<Vec<usize>> {
    let fits = Fits::read(selector)
        .map_err(|problem| fault(file, problem).hint("correct the patch's `target:`"))?;
    let found: Vec<usize> = (0..)
        .zip(manifests)
        .filter(|(_, manifest)| fits.on(manifest))
        .map(|(index, _)| index)
        .collect();
    if found.is_empty() {
        let failure = fault(file, "the patch is for no object");
        return Err(failure.hint("correct its `target:`, or take it out of `patches:`"));
    }
    Ok(found)
}

/// The place of the one that a patch names.
pub fn named(manifests: &[Manifest], patch: &Manifest) -> Result<usize> {
    let same = |manifest: &Manifest| {
        manifest.api_version() == patch.api_version()
            && manifest.kind() == patch.kind()
            && manifest.name() == patch.name()
            && (patch.namespace().is_none() || manifest.namespace() == patch.namespace())
    };
    let mut found = (0..).zip(manifests).filter(|(_, manifest)| same(manifest));
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Ok(index),
        (None, _) => Err(nobody(patch)),
        (Some(_), Some(_)) => {
            let failure = patch.fault(format!("there are several {}", patch.id()));
            Err(failure.hint("say which by metadata.namespace"))
        }
    }
}

fn nobody(patch: &Manifest) -> Failure {
    let (id, api_version) = (patch.id(), patch.api_version());
    let failure = patch.fault(format!("there is no {id} of {api_version} to patch"));
    failure.hint("correct its name, or name its file under `resources:`")
}

/// What a pattern looks at.
type Field = fn(&Manifest) -> &str;

/// A selector that is ready to be asked.
struct Fits {
    fields: Vec<(Field, Regex)>,
    labels: Vec<Condition>,
    annotations: Vec<Condition>,
}

impl Fits {
    fn read(selector: &Selector) -> std::result::Result<Self, String> {
        let patterns: [(Field, &Option<String>); 5] = [
            (Manifest::group, &selector.group),
            (Manifest::version, &selector.version),
            (Manifest::kind, &selector.kind),
            (Manifest::name, &selector.name),
            (namespace_of, &selector.namespace),
        ];
        let mut fields = Vec::new();
        for (field, pattern) in patterns {
            if let Some(pattern) = pattern {
                let whole = Regex::new(&format!("^(?:{pattern})$"));
                fields.push((field, whole.map_err(|error| error.to_string())?));
            }
        }
        Ok(Self {
            fields,
            labels: conditions(selector.label_selector.as_deref())?,
            annotations: conditions(selector.annotation_selector.as_deref())?,
        })
    }

    fn on(&self, manifest: &Manifest) -> bool {
        let hold = |conditions: &[Condition], path| {
            let pairs = at(manifest.value(), path);
            conditions.iter().all(|condition| condition.holds(pairs))
        };
        self.fields
            .iter()
            .all(|(field, pattern)| pattern.is_match(field(manifest)))
            && hold(&self.labels, "metadata.labels")
            && hold(&self.annotations, "metadata.annotations")
    }
}

fn namespace_of(manifest: &Manifest) -> &str {
    manifest.namespace().unwrap_or_default()
}

/// One part of a selector of labels.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Is(String, String),
    IsNot(String, String),
    Has(String),
    HasNot(String),
}

impl Condition {
    fn holds(&self, pairs: Option<&Value>) -> bool {
        let get = |label: &str| pairs.and_then(|pairs| pairs.get(label)?.as_str());
        match self {
            Self::Is(label, value) => get(label) == Some(value.as_str()),
            Self::IsNot(label, value) => get(label) != Some(value.as_str()),
            Self::Has(label) => get(label).is_some(),
            Self::HasNot(label) => get(label).is_none(),
        }
    }
}

fn conditions(text: Option<&str>) -> std::result::Result<Vec<Condition>, String> {
    text.into_iter()
        .flat_map(|text| text.split(','))
        .map(condition)
        .collect()
}

fn condition(text: &str) -> std::result::Result<Condition, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['(', ' ']) {
        return Err(format!(
            "the selector {text:?} is not known: =, !=, a name and !name are"
        ));
    }
    let owned = |(label, value): (&str, &str)| (label.to_owned(), value.to_owned());
    if let Some((label, value)) = text.split_once("!=").map(owned) {
        return Ok(Condition::IsNot(label, value));
    }
    let is = text.split_once("==").or_else(|| text.split_once('='));
    if let Some((label, value)) = is.map(owned) {
        return Ok(Condition::Is(label, value));
    }
    Ok(match text.strip_prefix('!') {
        Some(label) => Condition::HasNot(label.to_owned()),
        None => Condition::Has(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_are_asked_for_as_kubectl_asks() {
        let pairs = json!({"app": "api", "tier": "web"});
        for (text, expected) in [
            ("app=api", true),
            ("app==api,tier=web", true),
            ("app!=api", false),
            ("tier,!gone", true),
            ("!app", false),
        ] {
            let all = conditions(Some(text)).unwrap();
            let holds = all.iter().all(|condition| condition.holds(Some(&pairs)));
            assert_eq!(holds, expected, "{text}");
        }
        assert!(conditions(Some("app in (a, b)")).is_err());
    }
}
