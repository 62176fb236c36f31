//! When opsctl runs with nobody watching.

use super::Span;
use crate::schedule::Cron;

/// The schedule of an environment. Left away, a task has its usual time; `null` turns it off.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleSettings {
    /// `backup create`: more often than once a day, because the day that is promised ends before the next one is there.
    pub backup: Option<Timing>,
    /// `backup copy`, into the backup region.
    pub copy: Option<Timing>,
    /// `backup export`.
    pub export: Option<Timing>,
    /// `backup prune`.
    pub prune: Option<Timing>,
    /// `drill restore`: more often than once a month, for the same reason.
    pub restore_drill: Option<Timing>,
    /// `secrets rotate all`.
    pub rotation: Option<Timing>,
    /// Secrets are rotated so long before they are due.
    pub rotation_ahead: Span,
    /// The plan of `drill failover --kind region`, which somebody approves and carries out.
    pub failover_plan: Option<Timing>,
}

/// When a task runs, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// When, in UTC, as a CronJob has it.
    pub at: Cron,
    /// The longest that it may take: it is stopped then. Of a plan: until somebody has carried it out.
    pub takes: Span,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        let usual = |at: &str, seconds| {
            let takes = Span::seconds(seconds);
            at.parse().ok().map(|at| Timing { at, takes })
        };
        Self {
            backup: usual("15 1,13 * * *", HOUR),
            copy: usual("30 2,14 * * *", 3 * HOUR),
            export: usual("45 5,17 * * *", 4 * HOUR),
            prune: usual("45 4 * * *", HOUR),
            restore_drill: usual("30 7 1,16 * *", 4 * HOUR),
            rotation: usual("0 10 * * *", HOUR),
            rotation_ahead: Span::days(7),
            failover_plan: usual("0 9 1,15 2,5,8,11 *", 10 * 24 * HOUR),
        }
    }
}
