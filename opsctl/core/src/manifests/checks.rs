//! What a cluster would refuse or, worse, take: nothing at all, one object twice, kinds that nobody serves, objects without a place.

use std::collections::BTreeMap;

use super::kinds::{Kinds, Scope};
use super::manifest::{Manifest, ObjectId};
use crate::failure::{Failure, Result};

/// Every fault that the whole of it has, at once.
pub fn all(manifests: &[Manifest], kinds: &Kinds) -> Result<()> {
    if manifests.is_empty() {
        let failure = Failure::usage("there is no object in it");
        return Err(failure.hint("name files with objects under `resources:`"));
    }
    let known = kinds.with_defined(manifests);
    let faults = manifests
        .iter()
        .filter_map(|manifest| of_one(manifest, &known));
    let faults: Vec<Failure> = faults.chain(doubled(manifests)).collect();
    together(faults)
}

/// Two objects that are the same one.
pub fn doubled(manifests: &[Manifest]) -> Vec<Failure> {
    let mut seen: BTreeMap<ObjectId, &Manifest> = BTreeMap::new();
    let mut faults = Vec::new();
    for manifest in manifests {
        let id = manifest.id();
        if let Some(before) = seen.get(&id) {
            let problem = format!("{id} stands in {} already", before.origin());
            faults.push(
                manifest
                    .fault(problem)
                    .hint("take one of the two away, or rename it"),
            );
        } else {
            seen.insert(id, manifest);
        }
    }
    faults
}

/// One failure of several.
pub fn together(mut faults: Vec<Failure>) -> Result<()> {
    match faults.len() {
        0 => Ok(()),
        1 => Err(faults.remove(0)),
        count => {
            let mut whole = Failure::usage(format!("{count} faults in the manifests"));
            for fault in faults {
                whole = whole.cause(fault.to_string());
                for hint in fault.hints {
                    if !whole.hints.contains(&hint) {
                        whole = whole.hint(hint);
                    }
                }
            }
            Err(whole)
        }
    }
}

fn of_one(manifest: &Manifest, known: &Kinds) -> Option<Failure> {
    let (id, api_version) = (manifest.id(), manifest.api_version());
    match (known.scope(api_version, &id.kind), &id.namespace) {
        (None, _) => Some(unknown(manifest, known)),
        (Some(Scope::Namespace), None) => {
            let failure = manifest.fault(format!("{id} has no namespace"));
            Some(failure.hint("set `namespace:` in the kustomization"))
        }
        (Some(Scope::Cluster), Some(_)) => {
            let failure = manifest.fault(format!("{id}, and a {} stands in none", id.kind));
            Some(failure.hint("take metadata.namespace away"))
        }
        (Some(_), _) => None,
    }
}

fn unknown(manifest: &Manifest, known: &Kinds) -> Failure {
    let (api_version, kind) = (manifest.api_version(), manifest.kind());
    let failure = manifest.fault(format!("nobody serves the kind {kind} of {api_version}"));
    match known.versions_of(kind).join(" or ") {
        versions if versions.is_empty() => failure.hint(format!(
            "correct the kind, or add its CustomResourceDefinition: kubectl api-resources | grep {kind}"
        )),
        versions => failure.hint(format!("write apiVersion: {versions}")),
    }
}
