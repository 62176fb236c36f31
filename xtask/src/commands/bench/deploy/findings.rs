//! What the figures say, against which goals.

use std::time::Duration;

use super::series::{Row, of};
use super::stage::TIME_OUT;
use super::tool::Tool;
use crate::commands::bench::report::goal;

/// Of `kubectl diff` and `apply`.
const UNCHANGED: f64 = 0.5;
/// Of `kubectl apply` and `rollout status`.
const ROLLED: f64 = 1.0;
/// From the event to the end.
const VERDICT: Duration = Duration::from_secs(5);
/// MiB at two thousand objects.
const MEMORY: f64 = 100.0;

/// One sentence a goal.
pub fn all(unchanged: &[Row], rolled: &[Row], verdicts: &[Row], many: &[Row]) -> Vec<String> {
    let mut findings = Vec::new();
    findings.extend(beside(unchanged, "A deploy without a change", UNCHANGED));
    findings.extend(beside(rolled, "A roll-out", ROLLED));
    findings.extend(requests(unchanged, "a deploy without a change"));
    findings.extend(requests(rolled, "a roll-out"));
    findings.extend(verdict(verdicts));
    findings.extend(memory(many));
    findings.push("Requests are counted in the API server's own log; a watch is one.".to_owned());
    findings
}

fn beside(rows: &[Row], what: &str, wanted: f64) -> Option<String> {
    let (ours, kubectl) = (of(rows, Tool::Opsctl)?, of(rows, Tool::Kubectl)?);
    let helm = of(rows, Tool::Helm)?.median.as_secs_f64();
    let ours = ours.median.as_secs_f64();
    let (share, of_helm) = (ours / kubectl.median.as_secs_f64(), ours / helm);
    Some(format!(
        "{what} takes {share:.2} of what kubectl takes, and {of_helm:.2} of helm's time; the goal is {wanted} of kubectl's: {}.",
        goal(share <= wanted)
    ))
}

fn requests(rows: &[Row], what: &str) -> Option<String> {
    let (ours, helm) = (
        of(rows, Tool::Opsctl)?.requests,
        of(rows, Tool::Helm)?.requests,
    );
    Some(format!(
        "opsctl asks {ours} times for {what}, helm {helm} times; the goal is no more than helm: {}.",
        goal(ours <= helm)
    ))
}

fn verdict(rows: &[Row]) -> Option<String> {
    let (ours, helm) = (of(rows, Tool::Opsctl)?.median, of(rows, Tool::Helm)?.median);
    Some(format!(
        "A pod whose program is missing ends a deploy {ours:.1?} after the cluster says so, evidence kept; the goal is {VERDICT:?}: \
         {}. helm takes {helm:.1?}, which is what is left of its time-out of {TIME_OUT}.",
        goal(ours <= VERDICT)
    ))
}

fn memory(rows: &[Row]) -> Option<String> {
    let most = |tool| {
        let of_tool = rows.iter().filter(move |row| row.tool == tool);
        of_tool.map(Row::mebibytes).reduce(f64::max)
    };
    let (ours, kubectl, helm) = (most(Tool::Opsctl)?, most(Tool::Kubectl)?, most(Tool::Helm)?);
    Some(format!(
        "At 2,000 objects opsctl holds {ours:.0} MiB at most, kubectl {kubectl:.0} MiB, helm {helm:.0} MiB; the goal is {MEMORY} \
         MiB: {}.",
        goal(ours <= MEMORY)
    ))
}
