//! Whether the promises held. Pure: measures in, reasons out.

use std::time::Duration;

use super::FailoverInputs;
use super::cache::Recovery;
use super::prober::Felt;
use crate::environment::Promises;
use crate::ports::Through;

/// So long a read may show what was there before: as long as a process believes a token that it verified.
const STALE: Duration = Duration::from_secs(5);

/// Why this drill did not pass; empty when it passed.
pub fn reasons_of(
    inputs: &FailoverInputs,
    felt: &Felt,
    recovery: Option<&Recovery>,
) -> Vec<String> {
    let mut reasons = match &inputs.through {
        // Redis answers before its replicas have it: what lies there alone may go, and is named all the same.
        Some(Through::Cache { .. }) => {
            let felt = Felt {
                lost_writes: 0,
                ..felt.clone()
            };
            reasons(&felt, &inputs.promises)
        }
        Some(Through::Application { .. }) | None => reasons(felt, &inputs.promises),
    };
    let stale = felt.stale_seconds;
    if matches!(inputs.through, Some(Through::Application { .. })) && stale > STALE.as_secs_f64() {
        reasons.push(format!(
            "stale: for {stale:.1} s reads did not show what had been acknowledged"
        ));
    }
    if recovery.is_some_and(|it| !it.in_order) {
        reasons.push(
            "not proven: the service told of the failover in another order than it documents"
                .into(),
        );
    }
    reasons
}

/// Why the drill did not pass, the most important first; empty when it passed.
#[must_use]
pub fn reasons(felt: &Felt, promises: &Promises) -> Vec<String> {
    let mut reasons = Vec::new();
    if felt.lost_writes > 0 {
        reasons.push(format!(
            "lost writes: {} were acknowledged and are missing, the first of them number {}",
            felt.lost_writes,
            felt.lost.first().copied().unwrap_or_default()
        ));
    }
    if felt.interrupted {
        reasons.push(
            "not measured: the run died meanwhile, and what users felt then was not seen".into(),
        );
    }
    for (what, lane) in [("writes", &felt.writes), ("reads", &felt.reads)] {
        let gap = lane.longest_gap_seconds;
        let held = promises.rto_holds(Duration::try_from_secs_f64(gap).unwrap_or(Duration::MAX));
        if !held {
            reasons.push(format!(
                "RTO: {what} were away for {gap:.1} s, less than {} promised",
                promises.rto
            ));
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::super::LaneFelt;
    use super::*;

    fn felt(lost_writes: u64, gap: f64, interrupted: bool) -> Felt {
        let lane = |longest_gap_seconds| LaneFelt {
            longest_gap_seconds,
            gap_began_at: None,
            answered: 10,
            failed: 0,
            words: Vec::new(),
        };
        Felt {
            writes: lane(gap),
            reads: lane(0.1),
            lost_writes,
            lost: (1..=lost_writes).collect(),
            lost_seconds: 0.0,
            stale_seconds: 0.0,
            unanswered: 1,
            unanswered_kept: 0,
            interrupted,
            phases: Vec::new(),
        }
    }

    fn judge(felt: &Felt) -> Vec<String> {
        reasons(felt, &Promises::default())
    }

    #[test]
    fn a_short_gap_without_a_lost_write_passes_whatever_was_not_answered() {
        assert_eq!(judge(&felt(0, 3599.9, false)), Vec::<String>::new());
    }

    #[test]
    fn a_lost_write_a_gap_of_the_promised_hour_and_a_dead_run_each_break_it() {
        for (bad, word) in [
            (felt(2, 1.0, false), "lost writes: 2"),
            (felt(0, 3600.0, false), "RTO: writes"),
            (felt(0, 1.0, true), "not measured"),
        ] {
            let told = judge(&bad);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with(word), "{told:?}");
        }
    }
}
