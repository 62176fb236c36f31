//! The files that opsctl reads in the cluster: its configuration, and what that names.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Texts by their path beside `opsctl.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunnerFiles(BTreeMap<String, String>);

impl RunnerFiles {
    /// The configuration and nothing else.
    #[must_use]
    pub fn of(configuration: impl Into<String>) -> Self {
        Self::default().with("opsctl.yaml", configuration)
    }

    /// One more.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.insert(path.into(), text.into());
        self
    }

    /// A name for exactly these.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.0 {
            for part in [path, text] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        hex::encode(hash.finalize())
    }

    /// As a ConfigMap holds them.
    pub(super) fn data(&self) -> Value {
        let keyed = self.0.iter().map(|(path, text)| (key(path), json!(text)));
        Value::Object(keyed.collect())
    }

    /// Where a container finds them, below `folder`.
    pub(super) fn mounts(&self, folder: &str) -> Vec<Value> {
        let mount = |path: &String| {
            let place = format!("{folder}/{path}");
            json!({"name": "configuration", "mountPath": place, "subPath": key(path), "readOnly": true})
        };
        self.0.keys().map(mount).collect()
    }
}

/// A ConfigMap knows no folders.
fn key(path: &str) -> String {
    path.replace('/', ".")
}
