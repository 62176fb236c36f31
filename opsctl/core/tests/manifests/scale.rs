//! Two thousand objects: quick, and small.

use std::time::{Duration, Instant};

use opsctl_core::manifests::{Outputs, fill_outputs};

use super::folders::{DEPLOYMENT, rendered};

const OBJECTS: usize = 2000;

#[test]
fn two_thousand_objects_take_a_moment_and_less_than_a_hundred_megabytes() {
    let one = |index: usize| DEPLOYMENT.replace("name: web", &format!("name: web-{index}"));
    let text: Vec<String> = (0..OBJECTS).map(one).collect();
    let kustomization = "\
namespace: n
resources: [a.yaml]
labels: [{pairs: {of: us}, includeSelectors: true}]
images: [{name: app, newTag: v1}]
patches:
- target: {kind: Deployment}
  patch: '[{op: replace, path: /spec/replicas, value: 5}]'
- target: {kind: Deployment}
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: each}
    spec: {template: {spec: {containers: [{name: app, env: [{name: Z, value: $(outputs:z)}]}]}}}
";
    let text = text.join("---\n");
    let files = [
        ("k/kustomization.yaml", kustomization),
        ("k/a.yaml", text.as_str()),
    ];
    let before = peak();
    let began = Instant::now();
    let manifests = rendered(&files).unwrap();
    let outputs = Outputs::read("o.yaml", "z: last\n").unwrap();
    let manifests = fill_outputs(manifests, &outputs).unwrap();
    let (took, grew) = (began.elapsed(), peak() - before);
    assert_eq!(manifests.len(), OBJECTS);
    // Measured unoptimised, on two busy cores: 0.8 s, 38 MB for the whole process.
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(grew < 100 * 1024, "{grew} KiB");
}

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
