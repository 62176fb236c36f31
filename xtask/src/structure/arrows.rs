//! Which of our crates may lean on which, and what the core must not know. Read from `cargo metadata`.

use std::path::Path;

use super::Fault;
use crate::checkout::{Dependency, Package};

/// What `opsctl-core` must never depend on: the terminal, databases, clusters, clouds.
const OUTSIDE_CORE: [&str; 8] = [
    "anstream",
    "aws-config",
    "clap",
    "hyper",
    "indicatif",
    "k8s-openapi",
    "kube",
    "sqlx",
];

/// The crates of ours that a crate may use outside its tests; `None`: any.
fn allowed(package: &str) -> Option<&'static [&'static str]> {
    match package {
        "app" | "opsctl-connections" | "opsctl-core" | "testkit" => Some(&[]),
        "testkit-aws" => Some(&["testkit"]),
        "xtask" => Some(&["testkit", "testkit-aws"]),
        "opsctl" => Some(&[
            "opsctl-aws",
            "opsctl-core",
            "opsctl-kubernetes",
            "opsctl-local",
            "opsctl-postgres",
            "opsctl-redis",
            "opsctl-registry",
            "opsctl-sqlite",
            "opsctl-visitor",
            "opsctl-web",
        ]),
        "opsctl-registry" | "opsctl-visitor" | "opsctl-web" => {
            Some(&["opsctl-connections", "opsctl-core"])
        }
        provider if provider.starts_with("opsctl-") => Some(&["opsctl-core"]),
        _ => None,
    }
}

/// Every arrow that points the wrong way.
pub fn faults(packages: &[Package], root: &Path) -> Vec<Fault> {
    packages
        .iter()
        .flat_map(|package| faults_of(package, root))
        .collect()
}

fn faults_of(package: &Package, root: &Path) -> Vec<Fault> {
    let wrong = package
        .dependencies
        .iter()
        .filter_map(|dependency| why_wrong(&package.name, dependency));
    let manifest = &package.manifest_path;
    let manifest = manifest.strip_prefix(root).unwrap_or(manifest).display();
    let manifest = manifest.to_string();
    wrong.map(|rule| Fault::of_file(&manifest, rule)).collect()
}

fn why_wrong(package: &str, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    let ours = dependency.path.is_some();
    // testkit serves everybody's tests, so it may not lean on anybody, not even in its own.
    if ours && package == "testkit" {
        return Some(format!("testkit must not depend on {name}"));
    }
    if dependency.kind.as_deref() == Some("dev") {
        return None;
    }
    if ours && allowed(package).is_some_and(|allowed| !allowed.contains(&name)) {
        return Some(format!("{package} must not depend on {name}"));
    }
    let outside = OUTSIDE_CORE.contains(&name) || name.starts_with("aws-sdk-");
    (package == "opsctl-core" && outside)
        .then(|| format!("the core knows no outside world, so not {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wrong(package: &str, name: &str, kind: Option<&str>) -> bool {
        let ours = name.starts_with("opsctl") || name == "app" || name == "testkit";
        let dependency = Dependency {
            name: name.to_owned(),
            kind: kind.map(str::to_owned),
            path: ours.then(|| "somewhere".into()),
        };
        why_wrong(package, &dependency).is_some()
    }

    #[test]
    fn the_core_leans_on_no_provider_and_no_outside_world() {
        assert!(is_wrong("opsctl-core", "opsctl-sqlite", None));
        assert!(is_wrong("opsctl-core", "sqlx", None));
        assert!(is_wrong("opsctl-core", "aws-sdk-s3", None));
        assert!(!is_wrong("opsctl-core", "serde", None));
    }

    #[test]
    fn the_app_and_opsctl_share_no_crate_of_ours() {
        assert!(is_wrong("app", "opsctl-core", None));
        assert!(is_wrong("opsctl", "app", None));
    }

    #[test]
    fn testkit_leans_on_nobody_and_everybody_may_test_with_it() {
        assert!(is_wrong("testkit", "opsctl-core", Some("dev")));
        assert!(is_wrong("testkit-aws", "opsctl-core", None));
        assert!(!is_wrong("testkit-aws", "testkit", None));
        assert!(!is_wrong("app", "testkit", Some("dev")));
    }

    #[test]
    fn a_provider_leans_on_the_core_alone() {
        assert!(!is_wrong("opsctl-sqlite", "opsctl-core", None));
        assert!(is_wrong("opsctl-sqlite", "opsctl-postgres", None));
    }

    #[test]
    fn providers_that_ask_over_http_share_their_connections_and_those_lean_on_nobody() {
        assert!(!is_wrong("opsctl-web", "opsctl-connections", None));
        assert!(is_wrong("opsctl-web", "opsctl-registry", None));
        assert!(is_wrong("opsctl-sqlite", "opsctl-connections", None));
        assert!(is_wrong("opsctl-connections", "opsctl-core", None));
    }
}
