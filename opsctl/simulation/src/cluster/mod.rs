//! A simulated Kubernetes: objects in memory, and controllers that do at once what real ones do in time.
//!
//! An image is good, or fails as a test says. Everything else is as the port promises: versions, ids, dry runs,
//! deletions by id.

mod controllers;
mod metrics;
mod port;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opsctl_core::workloads::{Object, ObjectRef};
use serde_json::{Value, json};

/// What becomes of the pods of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They serve.
    Serves,
    /// The image is not there.
    Missing,
}

pub use metrics::Traffic;

/// The cluster. Cheap to clone; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct SimulatedCluster(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub objects: BTreeMap<ObjectRef, Object>,
    pub fates: BTreeMap<String, Fate>,
    pub versions: u64,
    pub ids: u64,
    /// What the pods of an image answer between two looks.
    pub traffic: BTreeMap<String, Traffic>,
    /// How often a pod was looked at.
    pub looks: BTreeMap<String, u32>,
    pub requests: u64,
    /// Every change that somebody asked for, in words.
    pub changes: Vec<String>,
    /// How many more objects it tells before nobody answers any more; `None`: it stays.
    pub goes_after: Option<u64>,
}

impl SimulatedCluster {
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides what becomes of the pods of an image. Without a word they serve.
    pub fn decide(&self, image: &str, fate: Fate) {
        self.inner().fates.insert(image.to_owned(), fate);
    }

    /// Changes a live object as somebody else might.
    pub fn edit(&self, name: &ObjectRef, change: impl FnOnce(&mut Value)) {
        let mut inner = self.inner();
        let version = inner.next_version();
        if let Some(object) = inner.objects.get_mut(name) {
            change(&mut object.0);
            object.0["metadata"]["resourceVersion"] = json!(version);
        }
    }

    /// Puts an object there, as somebody else might.
    pub fn place(&self, object: Object) {
        self.inner().objects.insert(object.reference(), object);
    }

    /// Lets it go away in the middle: so many objects are told, and then nobody answers.
    pub fn goes_after(&self, objects: u64) {
        self.inner().goes_after = Some(objects);
    }

    /// A live object.
    #[must_use]
    pub fn find(&self, name: &ObjectRef) -> Option<Object> {
        self.inner().objects.get(name).cloned()
    }

    /// What opsctl changed so far, in words.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        self.inner().changes.clone()
    }

    /// The names of all live objects of the kinds that manifests have.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let made = ["ReplicaSet", "Pod", "Event"];
        let inner = self.inner();
        let names = inner
            .objects
            .keys()
            .filter(|name| !made.contains(&name.kind.kind.as_str()));
        names.map(ToString::to_string).collect()
    }
}

impl Inner {
    pub fn next_version(&mut self) -> String {
        self.versions += 1;
        self.versions.to_string()
    }

    pub fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("uid-{}", self.ids)
    }

    /// What a live object becomes by an apply, without its state.
    pub fn merged(&mut self, applied: &Object) -> Object {
        let mut object = applied.clone();
        let live = self.objects.get(&applied.reference()).cloned();
        let metadata = &mut object.0["metadata"];
        match &live {
            Some(live) => {
                for field in ["uid", "generation", "creationTimestamp", "resourceVersion"] {
                    metadata[field] = live.0["metadata"][field].clone();
                }
                object.0["status"] = live.0["status"].clone();
                if object.0["spec"] != live.0["spec"] {
                    let generation = live.number("/metadata/generation") + 1;
                    object.0["metadata"]["generation"] = json!(generation);
                }
            }
            None => {
                metadata["uid"] = json!(self.next_id());
                metadata["generation"] = json!(1);
                metadata["resourceVersion"] = json!("0");
                metadata["creationTimestamp"] = json!("2026-11-23T12:00:00Z");
            }
        }
        object
    }
}
