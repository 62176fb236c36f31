//! Where an environment's workloads run, and the rules of its deploys.

use std::path::PathBuf;

use super::{AbroadSettings, GateSettings, Span};
use crate::clock::Timestamp;

/// The workloads of an environment: which cluster, which manifests, which rules.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadSettings {
    /// The folder of the overlay, beside `opsctl.yaml`.
    pub manifests: PathBuf,
    /// The namespace that the releases belong to: the one whose workloads are watched.
    pub namespace: String,
    /// The kubeconfig, beside `opsctl.yaml`; absent: `KUBECONFIG`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; absent: the file's own current one, which the cluster's id has to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The cluster of EKS, by its name in the environment's account; absent: the kubeconfig's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eks: Option<String>,
    /// The id of the cluster (the uid of its namespace `kube-system`); absent: the one of the first deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Names that Terraform made, beside `opsctl.yaml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<PathBuf>,
    /// Hand the pods their secrets, from this environment's folder; absent: they read them themselves, with their own role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_secrets: Option<LocalSecrets>,
    /// How long things may take.
    #[serde(default)]
    pub patience: Patience,
    /// What the new pods of a roll-out may do worse than the old ones; absent: nothing is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateSettings>,
    /// When nothing is deployed.
    #[serde(default)]
    pub freezes: Vec<Freeze>,
    /// What stands ready in the backup region; absent: a drill of a lost region runs nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abroad: Option<AbroadSettings>,
}

impl WorkloadSettings {
    /// The least that must be said; the rest is as usual.
    #[must_use]
    pub fn on(manifests: impl Into<PathBuf>, namespace: &str) -> Self {
        Self {
            manifests: manifests.into(),
            namespace: namespace.to_owned(),
            kubeconfig: None,
            context: None,
            eks: None,
            cluster: None,
            outputs: None,
            local_secrets: None,
            patience: Patience::default(),
            gate: None,
            freezes: Vec::new(),
            abroad: None,
        }
    }
}

/// Secrets of pods that opsctl makes itself, for clusters on one machine.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalSecrets {
    /// The address under which pods reach this machine's database.
    pub this_machine: String,
}

/// How long a roll-out may take, and how much it may stumble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patience {
    /// A roll-out as a whole.
    pub deadline: Span,
    /// What usually passes by itself: a registry that is busy, a node that is coming.
    pub grace: Span,
    /// Restarts of one container that are forgiven.
    pub restarts: u32,
    /// Pods without a readiness probe: so long must they live before they are believed.
    pub steady: Span,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            deadline: Span::seconds(600),
            grace: Span::seconds(120),
            restarts: 0,
            steady: Span::seconds(15),
        }
    }
}

/// A time in which nothing is deployed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// From this moment on.
    pub from: Timestamp,
    /// Up to this moment, which is free again.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Freeze {
    /// Whether it holds at that moment.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}
