//! Where workloads run in the second place: its cluster, what pods are handed there, and a user who comes by.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Cluster, Copy, Prober};
use crate::environment::AbroadSettings;
use crate::failure::Result;
use crate::guard::Permit;
use crate::workloads::Object;

/// What a drill of a lost region needs to run the application there. Nothing is asked before it is used.
#[async_trait]
pub trait Abroad: Send + Sync {
    /// What `opsctl.yaml` says of it.
    fn settings(&self) -> &AbroadSettings;

    /// The cluster.
    async fn cluster(&self) -> Result<Arc<dyn Cluster>>;

    /// The secrets that pods are handed, each with the version that is current there. No value is read.
    async fn versions(&self) -> Result<BTreeMap<String, String>>;

    /// Lets the application log in to the copy, and makes the Secrets that its pods mount, from exactly these versions. Their values go to
    /// the API server and nowhere else.
    ///
    /// # Errors
    /// When a version is gone, or nobody can log in.
    async fn hand_over(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        versions: &BTreeMap<String, String>,
    ) -> Result<Vec<Object>>;

    /// A user who comes by the address that the settings name.
    async fn visitor(&self) -> Result<Arc<dyn Prober>>;
}
