//! The cluster, with the image of the tests' program in its registry.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value;
use tempfile::TempDir;
use testkit::lab::{Image, Lab, tools_folder};

/// The lab, and then its folder.
pub struct Ground {
    pub lab: Lab,
    _folder: TempDir,
}

impl Ground {
    /// One for all tests that run at the same time; it ends with the last of them.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Ground>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Self::alone();
        *shared = Arc::downgrade(&started);
        started
    }

    /// One whose parts may be stopped.
    pub fn alone() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab::start(folder.path()).unwrap();
        let image = Image::of(&tools_folder().join("probe")).unwrap();
        lab.registry()
            .unwrap()
            .push(&image, "probe:v1.0.0")
            .unwrap();
        Arc::new(Self {
            lab,
            _folder: folder,
        })
    }

    /// Images that everybody may pull.
    pub fn registry(&self) -> String {
        self.lab.registry().unwrap().address().to_owned()
    }

    /// The same behind a password.
    pub fn private_registry(&self) -> String {
        self.lab.private_registry().unwrap().address().to_owned()
    }

    /// kubectl in a namespace.
    pub fn kubectl(&self, namespace: &str, words: &[&str]) -> String {
        let all = [words, &["--namespace", namespace]].concat();
        self.lab.kubectl(&all).unwrap()
    }

    /// An answer of kubectl, read.
    pub fn json(&self, namespace: &str, words: &[&str]) -> Value {
        let all = [words, &["--output", "json"]].concat();
        serde_json::from_str(&self.kubectl(namespace, &all)).unwrap()
    }
}
