//! What stands ready for workloads where an environment is brought back, and what of it a drill is given.

use std::path::PathBuf;

use crate::image::Repository;

/// The cluster of the backup region, and what a drill runs there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbroadSettings {
    /// The folder of the overlay that a drill applies, beside `opsctl.yaml`.
    pub manifests: PathBuf,
    /// The namespace that a drill makes and ends: never the one that serves.
    pub namespace: String,
    /// The kubeconfig, beside `opsctl.yaml`; absent: that of the cluster of EKS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; absent: the file's own current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The cluster of EKS, by its name in the backup region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eks: Option<String>,
    /// The id of the cluster (the uid of its namespace `kube-system`); absent: whichever answers there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Names that Terraform made there, beside `opsctl.yaml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<PathBuf>,
    /// Where the replicated images are had: `<registry>/<path>`, without a tag.
    pub repository: Repository,
    /// Where the drill's user finds the application, once the way there is open: `https://<host>[:<port>]`.
    pub url: String,
    /// Where it logs in; absent: at the same address, as behind a load balancer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_url: Option<String>,
}
