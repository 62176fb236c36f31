//! How much of what is tolerated before a roll-out has failed.

use std::time::Duration;

/// The budgets of one roll-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budgets {
    /// So many ends of one container are tolerated.
    pub restarts: u32,
    /// So many kills of one container by its liveness or startup probe are tolerated.
    pub kills: u32,
    /// So long may last what cures itself: a registry that holds back, a pod without a node.
    pub grace: Duration,
    /// So long may the API server be away.
    pub away: Duration,
    /// So often may the readiness probe's own time pass before a running container is "never ready".
    pub readiness: u32,
    /// So long may a workload stand still; longer where its probes or its `minReadySeconds` need more.
    pub still: Duration,
    /// So long must pods without a readiness probe live before they are believed; zero: whatever looks done is done.
    pub steady: Duration,
    /// The whole time from the start.
    pub deadline: Duration,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            restarts: 1,
            kills: 0,
            grace: Duration::from_secs(60),
            away: Duration::from_mins(2),
            readiness: 3,
            still: Duration::from_mins(5),
            steady: Duration::from_secs(15),
            deadline: Duration::from_mins(15),
        }
    }
}
