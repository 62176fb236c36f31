//! Where opsctl runs when it runs in the cluster.

/// The pod in which opsctl runs: beside a database that nobody reaches from outside.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunnerSettings {
    /// The image of opsctl, by its digest or version.
    pub image: String,
    /// The same with PostgreSQL's own programs beside it, which exports need; absent: the schedule makes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_image: Option<String>,
    /// Who it is in the cluster, and through that role in AWS.
    #[serde(default = "opsctl")]
    pub service_account: String,
    /// Where it runs; its rights in the cluster are this account's.
    #[serde(default = "opsctl")]
    pub namespace: String,
    /// A Secret whose keys are variables of the pod: for clusters without roles of AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<String>,
}

fn opsctl() -> String {
    "opsctl".to_owned()
}
