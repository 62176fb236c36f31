//! The bill of materials: which crates a program was built from, as CycloneDX 1.5 writes it.
//!
//! Made from what `cargo metadata` says of the locked dependencies. It holds no serial number and no time: the same
//! dependencies give the same document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::failure::{Failure, Result};

#[derive(serde::Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(serde::Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(serde::Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(serde::Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(serde::Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(serde::Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// The bill of materials of `program`, from the document of `cargo metadata --locked --filter-platform …`.
///
/// # Errors
/// When the document has another form, or knows no such program.
pub fn sbom(metadata: &[u8], program: &str) -> Result<Vec<u8>> {
    let metadata: Metadata = serde_json::from_slice(metadata)
        .map_err(|error| Failure::failed("cargo's metadata can't be read").because(error))?;
    let packages: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package))
        .collect();
    let root = metadata
        .packages
        .iter()
        .find(|package| package.name == program && package.source.is_none())
        .ok_or_else(|| Failure::usage(format!("the workspace has no program '{program}'")))?;
    let linked = linked(&metadata.resolve, &root.id);
    let refs = |id: &str| packages.get(id).map(|package| purl(package));
    let mut components: Vec<(String, Value)> = linked
        .keys()
        .filter(|id| **id != root.id)
        .filter_map(|id| packages.get(id))
        .map(|package| (purl(package), component(package, "library")))
        .collect();
    components.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut dependencies: Vec<(String, Vec<String>)> = linked
        .iter()
        .filter_map(|(id, on)| Some((refs(id)?, on.iter().filter_map(|on| refs(on)).collect())))
        .collect();
    dependencies.iter_mut().for_each(|(_, on)| on.sort());
    dependencies.sort();
    let dependencies: Vec<Value> = dependencies
        .into_iter()
        .map(|(of, on)| json!({ "ref": of, "dependsOn": on }))
        .collect();
    let components: Vec<Value> = components.into_iter().map(|(_, it)| it).collect();
    super::encoded(&json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": component(root, "application") },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// What is linked into the program: what it needs to run, and what that needs. Tests and build scripts are left out.
fn linked<'a>(resolve: &'a Resolve, root: &'a str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let nodes: BTreeMap<&str, &Node> = resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let mut found = BTreeMap::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let Some(node) = nodes.get(id).filter(|_| !found.contains_key(id)) else {
            continue;
        };
        let normal = |on: &&Dependency| on.dep_kinds.iter().any(|kind| kind.kind.is_none());
        let on: BTreeSet<&str> = node
            .deps
            .iter()
            .filter(normal)
            .map(|on| on.pkg.as_str())
            .collect();
        open.extend(&on);
        found.insert(id, on);
    }
    found
}

fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

fn component(package: &Package, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version,
        "purl": purl(package),
    });
    if let Some(license) = &package.license {
        // Cargo once parted the choices by a slash.
        let expression = license.replace('/', " OR ").replace("  ", " ");
        component["licenses"] = json!([{ "expression": expression }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{
      "packages": [
        {"id": "z", "name": "zlib-rs", "version": "1.0.0", "license": "Zlib", "source": "registry"},
        {"id": "app", "name": "app", "version": "0.1.0", "license": "MIT OR Apache-2.0", "source": null},
        {"id": "t", "name": "only-for-tests", "version": "1.0.0", "license": null, "source": "registry"},
        {"id": "a", "name": "axum", "version": "0.8.9", "license": "MIT/Apache-2.0", "source": "registry"}
      ],
      "resolve": { "nodes": [
        {"id": "app", "deps": [
          {"pkg": "t", "dep_kinds": [{"kind": "dev"}]},
          {"pkg": "a", "dep_kinds": [{"kind": null}, {"kind": "dev"}]}
        ]},
        {"id": "a", "deps": [{"pkg": "z", "dep_kinds": [{"kind": null}]}]},
        {"id": "z", "deps": [{"pkg": "a", "dep_kinds": [{"kind": null}]}]},
        {"id": "t", "deps": []}
      ]}
    }"#;

    #[test]
    fn a_bill_names_what_is_linked_in_and_nothing_else() {
        let bill = sbom(METADATA.as_bytes(), "app").unwrap();
        let bill: Value = serde_json::from_slice(&bill).unwrap();
        let names: Vec<&str> = bill["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|component| component["purl"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["pkg:cargo/axum@0.8.9", "pkg:cargo/zlib-rs@1.0.0"]);
        assert_eq!(bill["metadata"]["component"]["name"], "app");
        assert_eq!(
            bill["components"][0]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert_eq!(bill["dependencies"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn the_order_in_which_cargo_tells_does_not_matter() {
        let mut document: Value = serde_json::from_str(METADATA).unwrap();
        for list in ["/packages", "/resolve/nodes"] {
            let list = document.pointer_mut(list).unwrap();
            list.as_array_mut().unwrap().reverse();
        }
        let turned = document.to_string();
        assert_eq!(
            sbom(METADATA.as_bytes(), "app").unwrap(),
            sbom(turned.as_bytes(), "app").unwrap()
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let failure = sbom(METADATA.as_bytes(), "axum").unwrap_err();
        assert!(failure.what.contains("axum"), "{failure}");
        assert!(sbom(b"{}", "app").is_err());
    }
}
