//! What a kustomization makes of its files.

use opsctl_core::manifests::{Kinds, render};
use serde_json::json;

use super::folders::{DEPLOYMENT, config_map, files, of_objects, rendered};

#[test]
fn a_folder_is_rendered_over_the_folders_that_it_names() {
    let files = [
        (
            "k/kustomization.yaml",
            "resources: [../base, own.yaml]\nnamespace: n\n",
        ),
        ("k/own.yaml", &config_map("own")),
        ("base/kustomization.yml", "resources: [a.yaml]\n"),
        (
            "base/a.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n",
        ),
    ];
    let rendered = rendered(&files).unwrap();
    let told: Vec<String> = rendered.iter().map(|it| it.id().to_string()).collect();
    assert_eq!(told, ["Namespace n", "ConfigMap own in n"]);
    assert_eq!(rendered[1].origin(), "k/own.yaml:1");
    assert_eq!(
        rendered[0].files().collect::<Vec<_>>(),
        ["base/a.yaml", "k/kustomization.yaml"]
    );
}

#[test]
fn the_order_depends_on_the_objects_alone() {
    let in_order = |list: &str| {
        let kustomization = format!("namespace: n\nresources: {list}\n");
        let files = [
            ("k/kustomization.yaml", kustomization.as_str()),
            ("k/a.yaml", &config_map("a")),
            ("k/b.yaml", &config_map("b")),
        ];
        let rendered = rendered(&files).unwrap();
        rendered
            .into_iter()
            .map(|it| it.into_value())
            .collect::<Vec<_>>()
    };
    assert_eq!(in_order("[a.yaml, b.yaml]"), in_order("[b.yaml, a.yaml]"));
}

#[test]
fn labels_reach_the_pods_and_where_asked_for_those_that_are_chosen() {
    let with = |options: &str| {
        let kustomization =
            format!("namespace: n\nresources: [a.yaml]\nlabels:\n- pairs: {{of: us}}\n{options}");
        let files = [
            ("k/kustomization.yaml", kustomization.as_str()),
            ("k/a.yaml", DEPLOYMENT),
        ];
        rendered(&files).unwrap().remove(0).into_value()
    };
    let (bare, pods, all) = (
        with(""),
        with("  includeTemplates: true\n"),
        with("  includeSelectors: true\n"),
    );
    for (value, in_pods, in_selector) in [
        (&bare, json!({"app": "web"}), json!({"app": "web"})),
        (
            &pods,
            json!({"app": "web", "of": "us"}),
            json!({"app": "web"}),
        ),
        (
            &all,
            json!({"app": "web", "of": "us"}),
            json!({"app": "web", "of": "us"}),
        ),
    ] {
        assert_eq!(
            value["metadata"]["labels"],
            json!({"tier": "front", "of": "us"})
        );
        assert_eq!(value["spec"]["template"]["metadata"]["labels"], in_pods);
        assert_eq!(value["spec"]["selector"]["matchLabels"], in_selector);
    }
}

#[test]
fn images_are_set_by_their_names() {
    let kustomization =
        "namespace: n\nresources: [a.yaml]\nimages:\n- {name: app, newName: r/app, newTag: v1}\n";
    let files = [
        ("k/kustomization.yaml", kustomization),
        ("k/a.yaml", DEPLOYMENT),
    ];
    let rendered = rendered(&files).unwrap();
    let containers = &rendered[0].value()["spec"]["template"]["spec"]["containers"];
    assert_eq!(
        (&containers[0]["image"], &containers[1]["image"]),
        (&json!("r/app:v1"), &json!("other:1"))
    );
}

#[test]
fn odd_words_and_anchors_come_out_as_kustomize_reads_them() {
    let text = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: odd, labels: &l {a: b}, annotations: *l}
data: {on: on, eight: '08', rocket: \u{1f680}}
immutable: 0o7
";
    let value = of_objects(text).unwrap().remove(0).into_value();
    assert_eq!(
        value["data"],
        json!({"on": "on", "eight": "08", "rocket": "\u{1f680}"})
    );
    assert_eq!(value["metadata"]["annotations"], json!({"a": "b"}));
    assert_eq!(value["immutable"], 7);
}

#[test]
fn a_list_is_what_it_holds_and_a_binding_follows_its_account() {
    let text = "\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: worker}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: b}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
  subjects: [{kind: ServiceAccount, name: worker}, {kind: Group, name: g}]
";
    let rendered = of_objects(text).unwrap();
    let subjects = &rendered[1].value()["subjects"];
    assert_eq!(subjects[0]["namespace"], "n");
    assert!(subjects[1].get("namespace").is_none());
}

#[test]
fn a_kind_is_known_that_the_manifests_or_the_caller_define() {
    let definition = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  scope: Cluster
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, storage: true}]
";
    let thing = "---\napiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t}\n";
    assert!(of_objects(thing).is_err());
    let files = files(&[
        ("k/kustomization.yaml", "resources: [a.yaml]\n"),
        ("k/a.yaml", &format!("{definition}{thing}")),
    ]);
    assert_eq!(render(&files, "k", &Kinds::default()).unwrap().len(), 2);
}
