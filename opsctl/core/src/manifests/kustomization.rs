//! The file `kustomization.yaml`: the fields that are rendered, and a refusal by name of all others.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::source::{Source, fault};
use crate::failure::{Failure, Result};

/// The names under which kustomize looks for it.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const API_VERSION: &str = "kustomize.config.k8s.io/v1beta1";
const KIND: &str = "Kustomization";
/// The fields that are rendered.
const RENDERED: [&str; 7] = [
    "apiVersion",
    "images",
    "kind",
    "labels",
    "namespace",
    "patches",
    "resources",
];

/// What it asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kustomization {
    #[serde(default)]
    pub api_version: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub resources: Vec<String>,
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default)]
    pub labels: Vec<Labels>,
    #[serde(default)]
    pub images: Vec<Image>,
    #[serde(default)]
    pub patches: Vec<Patch>,
}

/// Labels for every object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Labels {
    pub pairs: BTreeMap<String, String>,
    #[serde(default)]
    pub include_selectors: bool,
    #[serde(default)]
    pub include_templates: bool,
}

/// Another image for every container with this one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Image {
    pub name: String,
    #[serde(default)]
    pub new_name: Option<String>,
    #[serde(default)]
    pub new_tag: Option<String>,
    #[serde(default)]
    pub digest: Option<String>,
}

/// A change, in a file or in place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub patch: Option<String>,
    #[serde(default)]
    pub target: Option<Selector>,
}

/// The objects that a patch is for: each field that is there must fit, as a regular expression over the whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Selector {
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub namespace: Option<String>,
    #[serde(default)]
    pub label_selector: Option<String>,
    #[serde(default)]
    pub annotation_selector: Option<String>,
}

/// Reads it.
pub fn read(file: &str, text: &str) -> Result<(Source, Kustomization)> {
    let (source, mut documents) = Source::read(file, text)?;
    if documents.len() != 1 {
        let problem = format!("{} documents; a kustomization is one", documents.len());
        return Err(fault(file, problem).hint("begin with `resources:`"));
    }
    let value = documents.remove(0).value;
    refuse_others(file, &value)?;
    let read: Kustomization =
        serde_json::from_value(value).map_err(|error| fault(file, error).hint(only_these()))?;
    let (api_version, kind) = (read.api_version.as_deref(), read.kind.as_deref());
    let known = api_version.is_none_or(|it| it == API_VERSION) && kind.is_none_or(|it| it == KIND);
    if known {
        return Ok((source, read));
    }
    let (api_version, kind) = (api_version.unwrap_or(API_VERSION), kind.unwrap_or(KIND));
    let failure = fault(
        file,
        format!("the kind {kind} of {api_version} is not rendered"),
    );
    Err(failure.hint(format!("write kind: {KIND} of {API_VERSION}")))
}

fn refuse_others(file: &str, value: &Value) -> Result<()> {
    let Some(fields) = value.as_object() else {
        return Err(fault(file, "a kustomization is a map").hint("begin with `resources:`"));
    };
    let others: Vec<String> = fields
        .keys()
        .filter(|field| !RENDERED.contains(&field.as_str()))
        .map(|field| format!("`{field}`"))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let problem = format!("opsctl does not render {}", others.join(", "));
    Err(fault(file, problem).hint(only_these()))
}

fn only_these() -> String {
    format!("use {} alone", RENDERED.join(", "))
}

impl Patch {
    /// Refuses one with two contents, or none.
    pub fn check(&self) -> std::result::Result<(), Failure> {
        match (&self.path, &self.patch) {
            (Some(_), None) | (None, Some(_)) => Ok(()),
            _ => Err(Failure::usage("a patch has either `path` or `patch`")),
        }
    }
}
