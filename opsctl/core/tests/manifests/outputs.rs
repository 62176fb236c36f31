//! Placeholders, from the file that holds them to the object that is applied.

use opsctl_core::manifests::{Outputs, fill_outputs};

use super::folders::{config_map, rendered};

fn files(patch: &str) -> Vec<opsctl_core::manifests::Manifest> {
    let object = format!("{}data:\n  role: $(outputs:roles.api)\n", config_map("a"));
    let kustomization = "namespace: n\nresources: [a.yaml]\npatches: [{path: p.yaml}]\n";
    let files = [
        ("k/kustomization.yaml", kustomization),
        ("k/a.yaml", object.as_str()),
        ("k/p.yaml", patch),
    ];
    rendered(&files).unwrap()
}

#[test]
fn every_placeholder_is_filled() {
    let patch = format!("{}data:\n  cidrs: $(outputs:cidrs)\n", config_map("a"));
    let outputs = Outputs::read(
        "o.json",
        r#"{"roles": {"api": "arn"}, "cidrs": ["a", "b"]}"#,
    );
    let filled = fill_outputs(files(&patch), &outputs.unwrap()).unwrap();
    let data = &filled[0].value()["data"];
    assert_eq!(
        (&data["role"], &data["cidrs"]),
        (&"arn".into(), &"a,b".into())
    );
}

#[test]
fn what_cannot_be_filled_is_told_with_file_line_field_and_name_all_at_once() {
    let patch = format!("{}data:\n  other: x$(outputs:other)\n", config_map("a"));
    let outputs = Outputs::read("o.yaml", "unused: 1\n").unwrap();
    let failure = fill_outputs(files(&patch), &outputs).unwrap_err();
    let message = failure.to_string();
    for part in [
        "2 faults",
        "k/p.yaml:6: data.other of ConfigMap a in n: there is no output other",
        "k/a.yaml:6: data.role of ConfigMap a in n: there is no output roles.api",
    ] {
        assert!(message.contains(part), "{part:?}: {message}");
    }
    assert_eq!(failure.hints, ["add it to o.yaml"]);
}

#[test]
fn a_placeholder_in_the_name_of_a_field_or_in_an_output_is_never_applied() {
    let outputs = Outputs::read(
        "o.yaml",
        "roles: {api: arn}\nname: x\nround: $(outputs:name)\n",
    );
    let outputs = outputs.unwrap();
    for data in ["a.$(outputs:name): x", "x: $(outputs:round)"] {
        let patch = format!("{}data:\n  {data}\n", config_map("a"));
        let message = fill_outputs(files(&patch), &outputs)
            .unwrap_err()
            .to_string();
        assert!(message.contains("k/p.yaml:6: "), "{message}");
    }
}
