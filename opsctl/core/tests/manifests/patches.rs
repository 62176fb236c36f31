//! What patches change.

use opsctl_core::Failure;
use opsctl_core::manifests::Manifest;
use serde_json::{Value, json};

use super::folders::{DEPLOYMENT, config_map, rendered};

fn patched_all(entry: &str, patch: &str) -> Result<Vec<Manifest>, Failure> {
    let kustomization = format!("namespace: n\nresources: [a.yaml, b.yaml]\npatches:\n{entry}");
    rendered(&[
        ("k/kustomization.yaml", kustomization.as_str()),
        ("k/a.yaml", DEPLOYMENT),
        ("k/b.yaml", &config_map("beside")),
        ("k/p.yaml", patch),
    ])
}

/// The Deployment after a patch in `p.yaml`.
fn patched(spec: &str) -> Result<Value, Failure> {
    let patch = format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n{spec}");
    let all = patched_all("- path: p.yaml\n", &patch)?;
    let found = all.into_iter().find(|it| it.kind() == "Deployment");
    Ok(found.unwrap().into_value())
}

fn pod(value: &Value) -> &Value {
    &value["spec"]["template"]["spec"]
}

#[test]
fn entries_of_known_lists_are_merged_by_name_and_new_ones_come_first() {
    let spec = "\
spec:
  template:
    spec:
      containers:
      - name: app
        env: [{name: C, value: '3'}, {name: B, value: 'two'}]
        ports: [{containerPort: 80, protocol: TCP, name: web}, {containerPort: 90}]
      tolerations: [{key: b, operator: Exists}]
";
    let value = patched(spec).unwrap();
    let container = &pod(&value)["containers"][0];
    assert_eq!(
        container["env"],
        json!([{"name": "C", "value": "3"}, {"name": "B", "value": "two"}, {"name": "A", "value": "1"}])
    );
    assert_eq!(container["image"], "app");
    assert_eq!(
        container["ports"],
        json!([{"containerPort": 90}, {"name": "web", "containerPort": 80, "protocol": "TCP"}])
    );
    assert_eq!(pod(&value)["containers"][1]["name"], "beside");
    assert_eq!(
        pod(&value)["tolerations"],
        json!([{"key": "b", "operator": "Exists"}])
    );
}

#[test]
fn null_and_directives_take_away() {
    let spec = "\
spec:
  replicas: null
  selector: {$patch: replace, matchLabels: {new: 'true'}}
  template:
    spec:
      containers:
      - {name: beside, $patch: delete}
";
    let value = patched(spec).unwrap();
    assert!(value["spec"].get("replicas").is_none());
    assert_eq!(
        value["spec"]["selector"],
        json!({"matchLabels": {"new": "true"}})
    );
    assert_eq!(pod(&value)["containers"].as_array().unwrap().len(), 1);
    let all = patched_all(
        "- path: p.yaml\n",
        &format!("{}$patch: delete\n", config_map("beside")),
    );
    assert_eq!(all.unwrap().len(), 1);
}

#[test]
fn operations_are_done_on_whatever_the_target_chooses() {
    let operations = "- {op: replace, path: /spec/replicas, value: 5}\n- {op: remove, path: /metadata/labels/tier}\n";
    for target in [
        "{kind: Deployment}",
        "{name: w.b}",
        "{group: apps, version: v1, labelSelector: 'tier=front'}",
    ] {
        let entry = format!("- path: p.yaml\n  target: {target}\n");
        let all = patched_all(&entry, operations).unwrap();
        let deployment = all.iter().find(|it| it.kind() == "Deployment").unwrap();
        assert_eq!(deployment.value()["spec"]["replicas"], 5, "{target}");
        assert_eq!(deployment.files().nth(1), Some("k/p.yaml"));
    }
}

#[test]
fn a_patch_in_place_may_be_for_many_and_never_renames() {
    let entry = "\
- target: {name: 'web|beside'}
  patch: |-
    apiVersion: v1
    kind: Any
    metadata: {name: each, annotations: {seen: 'yes'}}
";
    let all = patched_all(entry, "").unwrap();
    let told: Vec<String> = all.iter().map(|it| it.id().to_string()).collect();
    assert_eq!(told, ["ConfigMap beside in n", "Deployment web in n"]);
    for manifest in all {
        assert_eq!(manifest.value()["metadata"]["annotations"]["seen"], "yes");
    }
}

#[test]
fn a_patch_that_cannot_be_applied_says_why() {
    let patch = |target: &str, text: &str| {
        let failure = patched_all(&format!("- path: p.yaml\n{target}"), text).unwrap_err();
        assert!(!failure.hints.is_empty(), "{failure}");
        failure.to_string()
    };
    let of_web = |spec: &str| format!("{}{spec}", DEPLOYMENT.split("  labels").next().unwrap());
    let target = "  target: {kind: Deployment}\n";
    for (target, text, told) in [
        (
            "",
            config_map("nobody"),
            "there is no ConfigMap nobody of v1 to patch",
        ),
        ("", String::new(), "the patch is empty"),
        ("", "- {op: remove, path: /x}\n".into(), "whom it is for"),
        (
            target,
            "- {op: remove, path: /x}\n".into(),
            "Deployment web",
        ),
        (target, "- {op: crush, path: /x}\n".into(), "crush"),
        (
            "  target: {kind: Nothing}\n",
            config_map("x"),
            "for no object",
        ),
        ("  target: {name: '('}\n", config_map("x"), "regex"),
        (target, format!("{0}---\n{0}", config_map("x")), "share one"),
        ("", of_web("spec: {$retainKeys: [a]}\n"), "$retainKeys"),
        ("", of_web("spec: {$patch: crush}\n"), "crush"),
        (
            "",
            of_web(
                "spec: {template: {spec: {containers: [{name: app, ports: [{containerPort: 80}]}]}}}\n",
            ),
            "`protocol`",
        ),
        (
            "",
            of_web("spec: {template: {spec: {containers: [{image: x}]}}}\n"),
            "has no `name`",
        ),
    ] {
        let message = patch(target, &text);
        assert!(message.contains(told), "{told}: {message}");
        assert!(message.contains("k/p.yaml"), "{message}");
    }
}
