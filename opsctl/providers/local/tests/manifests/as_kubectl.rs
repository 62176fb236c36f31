//! The renderer beside kubectl, object for object: the repository's overlays, and a folder with everything that is rendered.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use opsctl_core::manifests::{Kinds, Manifest, render};
use opsctl_local::manifests::ManifestFolder;
use serde::Deserialize;
use serde_json::Value;

use super::overlays::{
    ABROAD, MONITORING, OVERLAYS, fixtures, rendered, rendered_from, repository,
};

type Objects = BTreeMap<String, Value>;

#[test]
fn every_overlay_is_rendered_as_kubectl_renders_it() -> Result<()> {
    for overlay in OVERLAYS.into_iter().chain([ABROAD]) {
        let folder = repository().join("k8s/overlays").join(overlay);
        compare(rendered(overlay), &folder)?;
    }
    Ok(())
}

#[test]
fn what_watches_is_rendered_as_kubectl_renders_it() -> Result<()> {
    for folder in MONITORING {
        compare(rendered_from(folder), &repository().join(folder))?;
    }
    Ok(())
}

#[test]
fn every_feature_is_rendered_as_kubectl_renders_it() -> Result<()> {
    let files = ManifestFolder::new(fixtures());
    let ours = render(&files, "every-feature", &Kinds::default())?;
    compare(ours, &fixtures().join("every-feature"))
}

fn compare(ours: Vec<Manifest>, folder: &Path) -> Result<()> {
    let ours: Objects = ours.into_iter().map(|it| named(it.into_value())).collect();
    let theirs = by_kubectl(folder)?;
    let names = |objects: &Objects| objects.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&theirs), "{}", folder.display());
    for (name, value) in &ours {
        assert_eq!(value, &theirs[name], "{name} of {}", folder.display());
    }
    Ok(())
}

fn by_kubectl(folder: &Path) -> Result<Objects> {
    let kubectl = testkit::lab::tools_folder().join("kubectl");
    let output = Command::new(&kubectl).arg("kustomize").arg(folder).output();
    let output = output.context("kubectl is missing: run `cargo xtask lab up` once")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "kubectl kustomize: {said}");
    let text = String::from_utf8(output.stdout)?;
    let documents = serde_yaml::Deserializer::from_str(&text);
    let values = documents.map(|document| Ok(named(Value::deserialize(document)?)));
    values.collect()
}

fn named(value: Value) -> (String, Value) {
    let text = |field: &Value| field.as_str().unwrap_or_default().to_owned();
    let metadata = &value["metadata"];
    let name = [&value["kind"], &metadata["namespace"], &metadata["name"]].map(text);
    (name.join("/"), value)
}
