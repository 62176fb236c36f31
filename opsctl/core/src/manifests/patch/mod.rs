//! Owns the field `patches`: which objects a patch is for, and both ways to write one. A patch for nobody is refused, where
//! kustomize is silent.

mod json;
mod lists;
mod strategic;
mod target;

use std::sync::Arc;

use serde_json::Value;

use super::Manifest;
use super::kustomization::Patch;
use super::source::{Source, fault};
use super::yaml::Document;
use crate::failure::Result;

/// A patch with its text read, and who it is from.
pub struct Loaded<'a> {
    pub patch: &'a Patch,
    pub source: Arc<Source>,
    pub documents: Vec<Document>,
}

/// Applies it.
pub fn apply(manifests: &mut Vec<Manifest>, loaded: &Loaded<'_>) -> Result<()> {
    let file = &loaded.source.file;
    match loaded.documents.as_slice() {
        [] => Err(fault(file, "the patch is empty").hint("take it out of `patches:`")),
        [one] if one.value.is_array() => operations(manifests, loaded, one),
        documents => documents
            .iter()
            .try_for_each(|document| merged(manifests, loaded, document)),
    }
}

fn operations(manifests: &mut [Manifest], loaded: &Loaded<'_>, document: &Document) -> Result<()> {
    let file = &loaded.source.file;
    let Some(selector) = &loaded.patch.target else {
        let failure = fault(
            file,
            "a list of operations says nothing about whom it is for",
        );
        return Err(failure.hint("add a `target:`"));
    };
    let operations = json::read(&document.value).map_err(|problem| {
        fault(file, problem).hint("write op, path and value, as RFC 6902 says")
    })?;
    for index in target::selected(manifests, selector, file)? {
        let manifest = &mut manifests[index];
        json::apply(&operations, manifest.value_mut())
            .map_err(|problem| fault(file, format!("{}: {problem}", manifest.id())))
            .map_err(|failure| failure.hint(format!("look at {}", manifest.origin())))?;
        manifest.changed_by(&loaded.source);
    }
    Ok(())
}

fn merged(manifests: &mut Vec<Manifest>, loaded: &Loaded<'_>, document: &Document) -> Result<()> {
    let source = &loaded.source;
    let patch = Manifest::new(document.value.clone(), Arc::clone(source), document.line)?;
    let selected = match &loaded.patch.target {
        Some(_) if loaded.documents.len() > 1 => {
            let failure = fault(&source.file, "several patches share one `target:`");
            return Err(failure.hint("write an entry for each"));
        }
        Some(selector) => target::selected(manifests, selector, &source.file)?,
        None => vec![target::named(manifests, &patch)?],
    };
    let mut removed = Vec::new();
    for index in selected {
        let manifest = &mut manifests[index];
        let kept = strategic::apply(manifest, patch.value()).map_err(|problem| {
            patch
                .fault(problem)
                .hint("write the patch as the object is written")
        })?;
        manifest.changed_by(source);
        if kept == strategic::Kept::No {
            removed.push(index);
        }
    }
    for index in removed.into_iter().rev() {
        manifests.remove(index);
    }
    Ok(())
}

/// What identifies an object: a patch says it to be found, and never changes it.
fn without_identity(patch: &Value) -> Value {
    let mut patch = patch.clone();
    if let Some(fields) = patch.as_object_mut() {
        fields.remove("apiVersion");
        fields.remove("kind");
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            metadata.remove("name");
            metadata.remove("namespace");
        }
    }
    patch
}
