//! What the evidence holds of a region that was drilled as lost. Public and stable, as the document is.

use std::collections::BTreeMap;

/// A region that was drilled as lost: where it was brought back, what is ready there, and what was not done.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RegionOf {
    /// The region that counted as lost.
    pub from: String,
    /// Where it was brought back.
    pub to: String,
    /// Whether the first region's database answered when the drill began.
    pub source_answered: bool,
    /// What a failover needs there.
    pub parts: Vec<PartOf>,
    /// What no drill does, because it would move those who are served.
    pub not_drilled: Vec<String>,
    /// Where the way back is written down.
    pub fail_back: String,
    /// What was run there; absent: nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workloads: Option<WorkloadsOf>,
}

/// The application, run on the restored database until a user was answered.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct WorkloadsOf {
    /// The number of the release.
    pub release: u32,
    /// Its namespace, made and ended by the drill.
    pub namespace: String,
    /// The id of its cluster.
    pub cluster: String,
    /// Its images, by the name that the manifests use.
    pub images: BTreeMap<String, String>,
    /// The secrets that its pods were handed, by their versions there.
    pub secrets: BTreeMap<String, String>,
    /// Where its user found it.
    pub url: String,
    /// Whether that user was answered: it wrote, and read what it wrote.
    pub served: bool,
    /// Until all its pods served.
    pub deploy_seconds: f64,
    /// Until the way for users was open.
    pub switch_seconds: f64,
    /// Until the first user was answered.
    pub first_request_seconds: f64,
}

/// One thing that a failover of the region needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PartOf {
    /// What.
    pub name: String,
    /// `ready`, `lacking`, `by_hand`.
    pub state: String,
    /// What was seen.
    pub detail: String,
}
