//! The specification held beside a real cluster: what holds there, what is broken, and what nobody could look at.

use serde_json::{Value, json};

use crate::place::Place;

const CONTENTS: &str = "version: 1\ndocument: {title: A document, lines: 9}\ncomponents: components.yaml\n\
                        chapters: [{title: A chapter, file: lines.yaml, lines: [1]}]\n";

/// What is asked of the cluster, by the ids of the lines.
const LINES: [(&str, &str); 5] = [
    (
        "replicas",
        "object: Deployment/web, field: /spec/replicas, at_least: 2",
    ),
    (
        "container",
        "object: Deployment/web, field: /spec/template/spec/containers/web/readinessProbe/periodSeconds, is: 1",
    ),
    (
        "level",
        "object: Deployment/web, field: /spec/template/metadata/annotations/level, is: \"$(outputs:level)\"",
    ),
    ("service", "object: Service/web, field: /spec/selector"),
    ("kind", "object: Pod/web, field: /spec/nodeName"),
];

fn list(place: &Place) {
    let line = |(id, look): &(&str, &str)| {
        format!(
            "  - {{id: {id}, at: 1, section: A, text: It holds, offline: [text: {{file: a.txt, has: word}}], live: [kubernetes: {{{look}}}]}}\n"
        )
    };
    let lines: String = LINES.iter().map(line).collect();
    place.write("conformance.yaml", CONTENTS);
    place.write("components.yaml", "components: []\n");
    place.write("lines.yaml", &format!("lines:\n{lines}"));
    place.write("a.txt", "a word\n");
}

/// Each line's verdict, and what was told of the cluster.
fn answers(place: &Place, words: &str, code: i32) -> Vec<(String, String)> {
    let ended = place
        .run(&format!("conform --output json{words}"))
        .expect(code);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let lines = report["lines"].as_array().unwrap().iter();
    let told = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines
        .map(|line| (told(&line["verdict"]), told(&line["answers"][1]["actual"])))
        .collect()
}

fn expect(found: &[(String, String)], expected: [(&str, &str); 5]) {
    for ((id, _), (found, expected)) in LINES.iter().zip(found.iter().zip(expected)) {
        assert_eq!(found.0, expected.0, "{id}: {found:?}");
        assert!(found.1.contains(expected.1), "{id}: {found:?}");
    }
}

#[test]
fn a_real_cluster_is_asked_and_what_is_not_there_or_cannot_be_asked_is_never_good() {
    let place = Place::new("conforming");
    list(&place);
    place.release(&place.two_pods("info"));
    place.well("deploy v1.0.0 --yes");
    let outputs = json!({"outputs": "outputs.json"});
    place.write("outputs.json", &json!({"level": "info"}).to_string());
    place.configured(&outputs);
    expect(
        &answers(&place, "", 6),
        [
            ("holds", "2"),
            ("holds", "1"),
            ("holds", "info"),
            ("broken", "not there"),
            ("unknown", "is no kind that is looked at"),
        ],
    );

    // By hand, past every plan; and an output that Terraform changed.
    place.patch("deployment/web", &json!({"spec": {"replicas": 1}}));
    place.write("outputs.json", &json!({"level": "debug"}).to_string());
    let found = answers(&place, " --line replicas --line level", 6);
    assert_eq!(
        found,
        [
            ("broken".to_owned(), "1".to_owned()),
            ("broken".to_owned(), "info".to_owned())
        ]
    );

    place.configured(&json!({"outputs": "outputs.json", "kubeconfig": "nowhere.yaml"}));
    place.write("nowhere.yaml", NOWHERE);
    let found = answers(&place, "", 9);
    for (verdict, told) in &found[..4] {
        assert_eq!(verdict, "unknown", "{found:?}");
        assert!(told.contains("the cluster"), "{told}");
    }
}

/// A cluster at a port where nobody listens.
const NOWHERE: &str = "apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: nobody, user: {}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
";
