//! What cannot be rendered is refused with its file, its line and what to do.

use super::folders::{config_map, of_objects, rendered};

/// What is said about these objects in `k/a.yaml`.
fn refused(text: &str) -> String {
    told(of_objects(text).map(|_| ()))
}

/// What is said about this kustomization.
fn refused_kustomization(text: &str) -> String {
    let files = [
        ("k/kustomization.yaml", text),
        ("k/a.yaml", &config_map("a")),
    ];
    told(rendered(&files).map(|_| ()))
}

fn told(result: opsctl_core::Result<()>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, opsctl_core::FailureKind::Usage);
    assert!(!failure.hints.is_empty(), "{failure}");
    failure.to_string()
}

fn expect(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is missing: {message}");
    }
}

#[test]
fn nothing_to_apply_is_no_success() {
    expect(&refused(""), &["k/a.yaml", "no object"]);
    expect(&refused("# words\n---\n---\n"), &["k/a.yaml", "no object"]);
    expect(&refused_kustomization("resources: []\n"), &["no object"]);
    expect(&refused_kustomization(""), &["k/kustomization.yaml"]);
    expect(
        &told(rendered(&[]).map(|_| ())),
        &["k", "no kustomization.yaml"],
    );
}

#[test]
fn yaml_that_cannot_be_read_is_told_with_its_line() {
    let begun = config_map("a");
    for (text, line) in [
        ("data: {a: [1}\n", 5),
        ("data:\n\ta: b\n", 6),
        ("data: {a: b}\ndata: {c: d}\n", 6),
        ("data: *nobody\n", 5),
        ("data: {at: 2026-11-27}\n", 5),
        ("data: {n: .inf}\n", 5),
        ("data: {80: x}\n", 5),
        ("data: {true: x}\n", 5),
        ("data: &a [*a]\n", 5),
        ("data: !secret x\n", 5),
    ] {
        let message = refused(&format!("{begun}{text}"));
        expect(&message, &[&format!("k/a.yaml:{line}:")]);
    }
}

#[test]
fn what_is_no_object_is_told_with_its_line() {
    for (text, problem) in [
        ("just words\n", "a map"),
        ("- a\n", "a map"),
        (
            "kind: ConfigMap\nmetadata: {name: a}\n",
            "apiVersion is missing",
        ),
        ("apiVersion: v1\nmetadata: {name: a}\n", "kind is missing"),
        (
            "apiVersion: v1\nkind: ConfigMap\n",
            "metadata.name is missing",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 08}\n",
            "metadata.name is missing",
        ),
        ("apiVersion: v1\nkind: List\n", "items"),
    ] {
        let message = refused(&format!("{}---\n{text}", config_map("first")));
        expect(&message, &["k/a.yaml:6:", problem]);
    }
}

#[test]
fn an_object_that_stands_twice_is_told_with_both_places() {
    let message = refused(&format!("{0}---\n{0}", config_map("a")));
    expect(&message, &["k/a.yaml:6:", "ConfigMap a", "k/a.yaml:1"]);
    let one = config_map("a");
    let files = [
        (
            "k/kustomization.yaml",
            "namespace: n\nresources: [a.yaml, ../other]\n",
        ),
        ("k/a.yaml", one.as_str()),
        ("other/kustomization.yaml", "resources: [b.yaml]\n"),
        ("other/b.yaml", one.as_str()),
    ];
    expect(
        &told(rendered(&files).map(|_| ())),
        &["other/b.yaml:1", "k/a.yaml:1"],
    );
}

#[test]
fn kinds_that_nobody_serves_and_objects_without_a_place_are_told_all_at_once() {
    let text = "\
apiVersion: apps/v1
kind: Deploymnt
metadata: {name: a}
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: b}
";
    let failure = of_objects(text).unwrap_err();
    let message = failure.to_string();
    expect(
        &message,
        &[
            "k/a.yaml:1: nobody serves the kind Deploymnt",
            "k/a.yaml:5:",
        ],
    );
    assert!(
        failure
            .hints
            .iter()
            .any(|hint| hint.contains("networking.k8s.io/v1"))
    );
    let files = [
        ("k/kustomization.yaml", "resources: [a.yaml]\n"),
        ("k/a.yaml", &config_map("a")),
    ];
    expect(
        &told(rendered(&files).map(|_| ())),
        &["k/a.yaml:1", "no namespace"],
    );
    let files = [
        ("k/kustomization.yaml", "resources: [a.yaml]\n"),
        (
            "k/a.yaml",
            "apiVersion: v1\nkind: Node\nmetadata: {name: x, namespace: n}\n",
        ),
    ];
    expect(&told(rendered(&files).map(|_| ())), &["stands in none"]);
}

#[test]
fn the_parts_of_kustomize_that_are_not_rendered_are_refused_by_name() {
    for (text, name) in [
        ("resources: [a.yaml]\ncomponents: [x]\n", "`components`"),
        ("resources: [a.yaml]\nhelmCharts: []\n", "`helmCharts`"),
        (
            "resources: [a.yaml]\nconfigMapGenerator: []\nnamePrefix: x-\n",
            "`configMapGenerator`, `namePrefix`",
        ),
        ("resources: [a.yaml]\nresuorces: []\n", "`resuorces`"),
        ("kind: Component\nresources: [a.yaml]\n", "Component"),
        (
            "resources: [a.yaml]\nlabels: [{pairs: {}, fields: []}]\n",
            "fields",
        ),
        (
            "resources: [a.yaml]\nimages: [{name: a, tagSuffix: b}]\n",
            "tagSuffix",
        ),
        (
            "resources: [a.yaml]\npatches: [{path: a.yaml, options: {}}]\n",
            "options",
        ),
        ("resources: a.yaml\n", "sequence"),
        ("- a.yaml\n", "a map"),
    ] {
        expect(
            &refused_kustomization(text),
            &["k/kustomization.yaml", name],
        );
    }
}

#[test]
fn paths_stay_where_they_belong() {
    for (text, problem) in [
        ("resources: [gone.yaml]\n", "there is no k/gone.yaml"),
        ("resources: [../../etc]\n", "does not lie"),
        ("resources: [/etc/passwd]\n", "does not lie"),
        ("resources: [.]\n", "names itself"),
        (
            "resources: ['https://example.org/a.yaml']\n",
            "not on this machine",
        ),
        (
            "resources: [a.yaml]\npatches: [{path: gone.yaml}]\n",
            "no file k/gone.yaml",
        ),
        ("resources: [a.yaml]\npatches: [{}]\n", "either"),
        (
            "resources: [a.yaml]\npatches: [{patch: '{', target: {kind: ConfigMap}}]\n",
            "in place",
        ),
    ] {
        expect(&refused_kustomization(text), &["k", problem]);
    }
    let round = [
        ("k/kustomization.yaml", "resources: [../b]\n"),
        ("b/kustomization.yaml", "resources: [../k]\n"),
    ];
    expect(&told(rendered(&round).map(|_| ())), &["names itself"]);
    let above = [
        ("k/kustomization.yaml", "resources: [../b/a.yaml]\n"),
        ("b/a.yaml", &config_map("a")),
    ];
    expect(
        &told(rendered(&above).map(|_| ())),
        &["../b/a.yaml", "does not lie"],
    );
    let two = [
        ("k/kustomization.yaml", "{}"),
        ("k/kustomization.yml", "{}"),
    ];
    expect(&told(rendered(&two).map(|_| ())), &["two kustomizations"]);
}
