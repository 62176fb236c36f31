//! What a drill of a lost region was asked for, as its plan carries it.

use super::abroad::WorkloadInputs;
use crate::drill::DrillInputs;

/// The two regions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    /// The one that counts as lost.
    pub home: String,
    /// The one that it is brought back in.
    pub place: String,
}

/// The inputs of `opsctl drill failover --kind region`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionInputs {
    /// From where to where.
    pub region: Regions,
    /// The restore that is drilled there.
    pub drill: DrillInputs,
    /// What is run there; absent: nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workloads: Option<WorkloadInputs>,
}
