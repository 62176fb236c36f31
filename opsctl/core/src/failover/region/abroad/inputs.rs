//! What is run abroad, as the plan carries it.

use std::collections::BTreeMap;

use crate::deploy::ReleaseNumber;
use crate::environment::Patience;
use crate::workloads::Object;

/// The release, and where it is run.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadInputs {
    /// The release that the environment runs.
    pub release: ReleaseNumber,
    /// The id of the cluster.
    pub cluster: String,
    /// The namespace that is made and ended.
    pub namespace: String,
    /// Its images as they are had there, by the name that the manifests use.
    pub images: BTreeMap<String, String>,
    /// What is applied, in its order; the namespace is the first of it.
    pub objects: Vec<Object>,
    /// What opens the way for users: applied when all else serves.
    pub doors: Vec<Object>,
    /// Where its user finds the application then.
    pub url: String,
    /// How long a roll-out may take.
    pub patience: Patience,
}
