//! A field of an object in an overlay, as it is rendered.

use serde_json::{Value, json};

use super::live::OfCluster;
use super::{Looks, Spoilt};
use crate::conform::answer::Seen;
use crate::conform::expectation::Expectation;
use crate::conform::pointer;
use crate::conform::repository::Repository;
use crate::failure::{Failure, Result};

/// A field of an object.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InManifest {
    /// The overlay, below `k8s/overlays`.
    overlay: String,
    /// Kind and name: `Deployment/api`.
    object: String,
    /// Where in it: `/spec/replicas`.
    field: String,
}

impl InManifest {
    /// The same field of the object in a cluster.
    pub fn twin(&self) -> OfCluster {
        OfCluster {
            object: self.object.clone(),
            field: self.field.clone(),
        }
    }

    fn folder(&self) -> String {
        format!("k8s/overlays/{}", self.overlay)
    }

    /// The value, its plain place, and where the object begins.
    fn found(&self, repository: &Repository) -> Result<(Option<(Value, String)>, String)> {
        let rendered = repository.rendered(&self.folder());
        let objects = rendered.0.as_ref().map_err(Failure::clone)?;
        let named = |kind: &str, name: &str| format!("{kind}/{name}") == self.object;
        let object = objects
            .iter()
            .find(|object| named(object.kind(), object.name()));
        let Some(object) = object else {
            return Ok((None, format!("{} has no {}", self.folder(), self.object)));
        };
        let value = pointer::find(object.value(), &self.field);
        let value = value.map(|(value, plain)| (value.clone(), plain));
        Ok((value, object.origin()))
    }
}

impl Looks for InManifest {
    fn target(&self) -> String {
        format!("{} {} {}", self.folder(), self.object, self.field)
    }

    fn place(&self) -> String {
        self.folder()
    }

    fn see(&self, repository: &Repository, _: &Expectation) -> Result<Seen> {
        let (found, evidence) = self.found(repository)?;
        let value = found.map(|(value, _)| value);
        Ok(Seen { value, evidence })
    }

    fn spoil(&self, repository: &Repository, wanted: &Expectation) -> Result<Vec<Spoilt>> {
        let (found, _) = self.found(repository)?;
        let Some((value, plain)) = found else {
            return Ok(Vec::new());
        };
        let file = format!("{}/kustomization.yaml", self.folder());
        let Some(document) = repository.document(&file)? else {
            return Ok(Vec::new());
        };
        let mut ways = Vec::new();
        if !matches!(wanted, Expectation::Lacks(_)) {
            ways.push(("is taken away", json!([{ "op": "remove", "path": plain }])));
        }
        if let Some(other) = wanted.spoilt(Some(&value)) {
            let change = json!([{ "op": "replace", "path": plain, "value": other }]);
            ways.push(("has another value", change));
        }
        let (kind, name) = self.object.split_once('/').unwrap_or((&self.object, ""));
        let patched = |(what, change): (&str, Value)| {
            let mut document = (*document).clone();
            let patch =
                json!({ "target": { "kind": kind, "name": name }, "patch": change.to_string() });
            match document.get_mut("patches").and_then(Value::as_array_mut) {
                Some(patches) => patches.push(patch),
                None => document["patches"] = json!([patch]),
            }
            Spoilt::document(format!("{} {what}", self.field), &file, &document)
        };
        Ok(ways.into_iter().map(patched).collect())
    }
}
