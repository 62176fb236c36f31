//! From a folder to its objects, as kustomize goes: what a folder names, folders first; then its patches, its namespace, its
//! labels, its images. Then all of it is judged.

use std::sync::Arc;

use super::checks::{self, doubled, together};
use super::files::{Entry, Files};
use super::kinds::Kinds;
use super::kustomization::{self, Kustomization, NAMES, Patch};
use super::manifest::Manifest;
use super::patch::{self, Loaded};
use super::path::{is_below, join};
use super::source::{Source, fault, fault_in_line};
use super::yaml::Document;
use super::{images, labels, namespaces};
use crate::failure::{Failure, Result};

/// The objects of a folder, in an order that depends on nothing but them: what everything stands in first, then by kind and name.
///
/// # Errors
/// Usage, with the file, and where there is one the line, of whatever cannot be rendered.
pub fn render(files: &dyn Files, folder: &str, kinds: &Kinds) -> Result<Vec<Manifest>> {
    let mut rendering = Rendering {
        files,
        kinds,
        open: Vec::new(),
    };
    let rendered = rendering.folder(folder.trim_end_matches('/'));
    let rendered = rendered.and_then(|mut manifests| {
        checks::all(&manifests, kinds)?;
        manifests.sort_by_cached_key(|manifest| (rank(manifest), manifest.id()));
        Ok(manifests)
    });
    rendered.map_err(|failure| failure.in_context(format!("can't render {folder}")))
}

/// What others stand in, or are made of.
fn rank(manifest: &Manifest) -> u8 {
    match manifest.kind() {
        "Namespace" => 0,
        "CustomResourceDefinition" => 1,
        _ => 2,
    }
}

struct Rendering<'a> {
    files: &'a dyn Files,
    kinds: &'a Kinds,
    /// The folders that lead here.
    open: Vec<String>,
}

impl Rendering<'_> {
    fn folder(&mut self, folder: &str) -> Result<Vec<Manifest>> {
        if self.open.iter().any(|open| open == folder) {
            let failure = fault(folder, "the folder names itself, over others or at once");
            return Err(failure.hint("take it out of `resources:`"));
        }
        self.open.push(folder.to_owned());
        let (file, text) = self.kustomization(folder)?;
        let (source, kustomization) = kustomization::read(&file, &text)?;
        let mut manifests = Vec::new();
        for resource in &kustomization.resources {
            manifests.extend(self.resource(folder, &file, resource)?);
        }
        together(doubled(&manifests))?;
        self.transform(&mut manifests, &kustomization, &Arc::new(source), folder)?;
        self.open.pop();
        Ok(manifests)
    }

    fn transform(
        &self,
        manifests: &mut Vec<Manifest>,
        kustomization: &Kustomization,
        source: &Arc<Source>,
        folder: &str,
    ) -> Result<()> {
        for one in &kustomization.patches {
            patch::apply(manifests, &self.patch(one, source, folder)?)?;
        }
        if let Some(namespace) = &kustomization.namespace {
            namespaces::apply(manifests, namespace, self.kinds);
        }
        for one in &kustomization.labels {
            labels::apply(manifests, one);
        }
        for image in &kustomization.images {
            images::apply(manifests, image);
        }
        let changes = !kustomization.labels.is_empty() || !kustomization.images.is_empty();
        if changes || kustomization.namespace.is_some() {
            manifests
                .iter_mut()
                .for_each(|manifest| manifest.changed_by(source));
        }
        Ok(())
    }

    fn kustomization(&self, folder: &str) -> Result<(String, String)> {
        let mut found = Vec::new();
        for name in NAMES {
            let file = join(folder, name).unwrap_or_default();
            if let Entry::File(text) = self.files.at(&file)? {
                found.push((file, text));
            }
        }
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(fault(folder, "there is no kustomization.yaml").hint(format!("ls {folder}"))),
            _ => Err(fault(folder, "there are two kustomizations").hint("keep kustomization.yaml")),
        }
    }

    fn resource(&mut self, folder: &str, of: &str, resource: &str) -> Result<Vec<Manifest>> {
        if resource.contains("://") || resource.contains("?ref=") {
            let failure = fault(of, format!("{resource} is not on this machine"));
            return Err(failure.hint("keep a copy in the repository"));
        }
        let path = join(folder, resource).ok_or_else(|| outside(of, resource))?;
        match self.files.at(&path)? {
            Entry::Folder => self.folder(&path),
            Entry::File(_) if !is_below(&path, folder) => Err(outside(of, resource)),
            Entry::File(text) => objects(&path, &text),
            Entry::Absent => {
                let failure = fault(of, format!("there is no {path}"));
                Err(failure.hint("correct `resources:`"))
            }
        }
    }

    fn patch<'p>(
        &self,
        patch: &'p Patch,
        kustomization: &Arc<Source>,
        folder: &str,
    ) -> Result<Loaded<'p>> {
        let of = &kustomization.file;
        patch.check().map_err(|failure| {
            fault(of, failure).hint("write the patch in a file, and name it as `path:`")
        })?;
        let (source, documents) = match (&patch.path, &patch.patch) {
            (Some(path), _) => {
                let below = join(folder, path).filter(|path| is_below(path, folder));
                let path = below.ok_or_else(|| outside(of, path))?;
                let Entry::File(text) = self.files.at(&path)? else {
                    let failure = fault(of, format!("there is no file {path}"));
                    return Err(failure.hint("correct `patches:`"));
                };
                let (source, documents) = Source::read(&path, &text)?;
                (Arc::new(source), documents)
            }
            (None, text) => {
                let (_, documents) = Source::read(of, text.as_deref().unwrap_or_default())
                    .map_err(|failure| failure.in_context(format!("{of}: a patch in place")))?;
                (Arc::clone(kustomization), documents)
            }
        };
        Ok(Loaded {
            patch,
            source,
            documents,
        })
    }
}

fn outside(of: &str, path: &str) -> Failure {
    let failure = fault(of, format!("{path} does not lie in this folder or below"));
    failure.hint("move the file here, or name its folder")
}

/// The objects of a file; a list is what it holds.
fn objects(file: &str, text: &str) -> Result<Vec<Manifest>> {
    let (source, documents) = Source::read(file, text)?;
    if documents.is_empty() {
        let failure = fault(file, "there is no object in it");
        return Err(failure.hint("take it out of `resources:`"));
    }
    let source = Arc::new(source);
    let mut found = Vec::new();
    for document in documents {
        let line = document.line;
        for value in listed(document, file)? {
            found.push(Manifest::new(value, Arc::clone(&source), line)?);
        }
    }
    Ok(found)
}

fn listed(document: Document, file: &str) -> Result<Vec<serde_json::Value>> {
    let Document { line, mut value } = document;
    if value.get("kind").and_then(|kind| kind.as_str()) != Some("List") {
        return Ok(vec![value]);
    }
    match value.get_mut("items").map(serde_json::Value::take) {
        Some(serde_json::Value::Array(items)) => Ok(items),
        _ => {
            Err(fault_in_line(file, line, "a List has `items`")
                .hint("write the objects one by one"))
        }
    }
}
