//! Manifests as people write them: empty, broken, doubled, odd, and very many.

use std::io::Write;
use std::time::Instant;

use serde_json::json;

use crate::place::Place;
use crate::running::measured;

/// The most memory that a release of so many objects may take, in kilobytes.
const AT_MOST: u64 = 100 * 1024;

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";

#[test]
fn what_is_no_manifest_is_refused_with_its_file_before_anything_is_asked() {
    let place = Place::new("texts");
    let doubled = format!("{SETTINGS}---\n{SETTINGS}");
    for (text, words) in [
        ("", "there is no object in it"),
        ("# nothing\n---\n", "there is no object in it"),
        ("a: [1, 2\n", "all.yaml"),
        ("kind: ConfigMap\n\tname: a\n", "all.yaml"),
        ("just words\n", "all.yaml"),
        ("apiVersion: v1\nkind: ConfigMap\n", "name"),
        (
            "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a}\n",
            "Widget",
        ),
        (doubled.as_str(), "settings"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: *nowhere\n",
            "unknown anchor",
        ),
    ] {
        place.write("k8s/all.yaml", text);
        let ended = place.run("deploy v1.0.0 --yes").expect(2);
        ended.says("k8s/all.yaml").says(words);
    }
    assert_eq!(place.json("history")["releases"], json!([]));
    assert_eq!(place.open_operation(), None);
}

#[test]
fn an_object_without_a_namespace_is_refused() {
    let place = Place::new("nowhere");
    let kustomization = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization", "resources": ["all.yaml"]});
    place.write("k8s/kustomization.yaml", &kustomization.to_string());
    place.write("k8s/all.yaml", SETTINGS);
    let ended = place.run("deploy v1.0.0 --yes").expect(2);
    ended.says("namespace").says("settings");
}

#[test]
fn anchors_and_odd_words_arrive_as_they_were_written() {
    let place = Place::new("odd-words");
    let text = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: odd
  labels: &labels {tier: "on", grade: "08"}
data: &data
  "on": "on"
  "08": "08"
  "~": "null"
  yes: "no"
  face: "🙂 größer"
  lines: |
    one
    two
---
apiVersion: v1
kind: ConfigMap
metadata: {name: twin, labels: {tier: "1e3"}}
data: {word: on, version: "1.10", time: "12:30:45", tilde: "~"}
"#;
    let namespace = place.manifests("info").namespace;
    place.write("k8s/all.yaml", &format!("{namespace}\n---\n{text}"));
    // No key for Kubernetes, which could not be asked before the namespace was there.
    let keys = place.run("deploy v1.0.0 --yes").expect(6);
    keys.says("manifest-invalid: ConfigMap odd-words/odd")
        .says("data[~]");
    assert_eq!(place.ends(), ["rolled_back"]);
    place.write(
        "k8s/all.yaml",
        &format!(
            "{namespace}\n---\n{}",
            text.replace("  \"~\": \"null\"\n", "")
        ),
    );
    place.well("deploy v1.0.0 --yes");
    let live = |name: &str| {
        let words = ["get", &format!("configmap/{name}")];
        place.ground.json("odd-words", &words)
    };
    let odd = live("odd");
    let wanted =
        json!({"on": "on", "08": "08", "yes": "no", "face": "🙂 größer", "lines": "one\ntwo\n"});
    assert_eq!(odd["data"], wanted);
    assert_eq!(odd["metadata"]["labels"]["tier"], "on");
    assert_eq!(odd["metadata"]["labels"]["grade"], "08");
    let wanted = json!({"word": "on", "version": "1.10", "time": "12:30:45", "tilde": "~"});
    assert_eq!(live("twin")["data"], wanted);
    place.well("deploy --yes").says("nothing to do");
}

#[test]
fn many_objects_are_released_within_the_memory_of_a_small_machine() {
    many("many", 200);
}

/// Releases so many objects; then nothing of them, then one.
pub fn many(namespace: &'static str, number: usize) {
    let place = Place::new(namespace);
    let mut all = vec![place.manifests("info").namespace.to_string()];
    let setting = |number: usize| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("settings-{number}")},
            "data": {"number": number.to_string(), "words": "some words of a setting ".repeat(20)}})
    };
    all.extend((0..number).map(|number| setting(number).to_string()));
    place.write("k8s/all.yaml", &all.join("\n---\n"));
    let first = timed(&place, "deploy v1.0.0 --yes");
    let again = timed(&place, "deploy --yes");
    let changed = all.join("\n---\n").replacen("some words", "other words", 1);
    place.write("k8s/all.yaml", &changed);
    let one = timed(&place, "deploy --yes");
    for (what, (seconds, peak)) in [("made", first), ("unchanged", again), ("one changed", one)] {
        let line = format!("{number} objects, {what}: {seconds:.1} s, {peak} kB\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        assert!(peak <= AT_MOST, "{line}");
    }
}

fn timed(place: &Place, words: &str) -> (f64, u64) {
    let begun = Instant::now();
    let (ended, peak) = measured(place.command(words, ""));
    ended.expect(0);
    (begun.elapsed().as_secs_f64(), peak)
}
