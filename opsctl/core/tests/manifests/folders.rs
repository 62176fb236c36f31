//! Folders of manifests, made up.

use std::collections::BTreeMap;

use opsctl_core::Failure;
use opsctl_core::manifests::{Kinds, Manifest, render};

/// Files by their paths.
pub fn files(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    all.iter().map(owned).collect()
}

/// What a folder `k` with these files renders to.
pub fn rendered(all: &[(&str, &str)]) -> Result<Vec<Manifest>, Failure> {
    render(&files(all), "k", &Kinds::default())
}

/// What a folder with this one file of objects renders to, in the namespace `n`.
pub fn of_objects(text: &str) -> Result<Vec<Manifest>, Failure> {
    let kustomization = "namespace: n\nresources: [a.yaml]\n";
    rendered(&[("k/kustomization.yaml", kustomization), ("k/a.yaml", text)])
}

/// A ConfigMap with this name.
pub fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

pub const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {tier: front}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: app
          image: app
          env:
            - {name: A, value: '1'}
            - {name: B, value: '2'}
          ports:
            - {name: http, containerPort: 80, protocol: TCP}
        - name: beside
          image: other:1
      tolerations:
        - {key: a, operator: Exists}
";
