//! What the evidence holds of a region that was drilled as lost. Public and stable, as the document is.

/// A region that was drilled as lost: where it was brought back, what is ready there, and what was not done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
