//! The overlays of the repository, rendered.

use std::path::{Path, PathBuf};

use opsctl_core::manifests::{Kinds, Manifest, Outputs, fill_outputs, render};
use opsctl_local::manifests::ManifestFolder;
use serde_json::Value;

pub const OVERLAYS: [&str; 4] = ["local", "development", "staging", "production"];
/// What a drill of a lost region runs.
pub const ABROAD: &str = "rehearsal-abroad";
/// Who may run that.
pub const DRILLERS: &str = "k8s/drillers";
/// What watches them, which stands beside.
pub const MONITORING: [&str; 2] = ["k8s/monitoring/staging", "k8s/monitoring/production"];

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/fixtures")
}

/// What opsctl renders, with its placeholders.
pub fn rendered(overlay: &str) -> Vec<Manifest> {
    rendered_from(&format!("k8s/overlays/{overlay}"))
}

/// The same of any folder of the repository.
pub fn rendered_from(folder: &str) -> Vec<Manifest> {
    let files = ManifestFolder::new(repository());
    render(&files, folder, &Kinds::default()).unwrap()
}

/// What would be applied, with outputs that are made up.
pub fn filled(overlay: &str) -> Vec<Value> {
    filled_from(&format!("k8s/overlays/{overlay}"))
}

/// The same of any folder of the repository.
pub fn filled_from(folder: &str) -> Vec<Value> {
    let outputs = std::fs::read_to_string(fixtures().join("outputs.yaml")).unwrap();
    let outputs = Outputs::read("outputs.yaml", &outputs).unwrap();
    let filled = fill_outputs(rendered_from(folder), &outputs).unwrap();
    filled.into_iter().map(Manifest::into_value).collect()
}

#[test]
fn without_outputs_nothing_of_the_cloud_is_rendered_and_everything_of_this_machine_is() {
    let none = Outputs::default();
    assert!(fill_outputs(rendered("local"), &none).is_ok());
    for overlay in ["development", "staging", "production"] {
        let message = fill_outputs(rendered(overlay), &none)
            .unwrap_err()
            .to_string();
        let role = "k8s/aws/roles.yaml:7: metadata.annotations.eks.amazonaws.com/role-arn of ServiceAccount api";
        for part in [
            role,
            "there is no output target_groups.auth",
            "k8s/aws/target-groups.yaml:",
        ] {
            assert!(message.contains(part), "{part:?}: {message}");
        }
    }
}

#[test]
fn the_outputs_that_the_readme_lists_are_those_that_are_asked_for() {
    let readme = std::fs::read_to_string(repository().join("k8s/README.md")).unwrap();
    let overlays = OVERLAYS.map(|overlay| format!("k8s/overlays/{overlay}"));
    let all = overlays.into_iter().chain(MONITORING.map(str::to_owned));
    for folder in all {
        let text = rendered_from(&folder)
            .iter()
            .map(|it| it.value().to_string())
            .collect::<String>();
        for asked in text.split("$(outputs:").skip(1) {
            let name = asked.split(')').next().unwrap();
            let name = name
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .trim_end_matches('.');
            assert!(
                readme.contains(&format!("`{name}`")),
                "{name} is not in k8s/README.md"
            );
        }
    }
}

#[test]
fn what_a_drill_runs_abroad_stays_in_its_own_namespace_and_opens_a_way_for_its_user() {
    let objects = filled(ABROAD);
    let namespaces = objects.iter().filter(|it| it["kind"] == "Namespace");
    let names: Vec<&Value> = namespaces.map(|it| &it["metadata"]["name"]).collect();
    assert_eq!(names, ["platform-drill"]);
    for object in objects.iter().filter(|it| it["kind"] != "Namespace") {
        assert_eq!(
            object["metadata"]["namespace"], "platform-drill",
            "{object}"
        );
    }
    let door = |it: &&Value| !it["metadata"]["annotations"]["opsctl/door"].is_null();
    assert_eq!(objects.iter().filter(door).count(), 2);
    let pods = objects.iter().filter(|it| it["kind"] == "Deployment");
    for deployment in pods {
        let text = deployment["spec"]["template"].to_string();
        assert!(!text.contains("REDIS") && !text.contains("SMTP"), "{text}");
        assert_eq!(deployment["spec"]["replicas"], 1);
    }
}
