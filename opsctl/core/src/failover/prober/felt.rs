//! What users felt, from what the prober noted and what the database kept. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

use super::record::{Lane, Record};
use crate::clock::Timestamp;
use crate::evidence::Phase;

/// So many lost writes are named; all of them are counted.
const NAMED: usize = 100;

/// One kind of question.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LaneFelt {
    /// The longest time between two answers.
    pub longest_gap_seconds: f64,
    /// When it began; `None` where nothing was answered twice.
    pub gap_began_at: Option<Timestamp>,
    /// How many were answered.
    pub answered: u64,
    /// How many were not.
    pub failed: u64,
    /// What was said instead of an answer, each word once.
    pub words: Vec<String>,
}

/// What users felt.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Felt {
    /// Writes.
    pub writes: LaneFelt,
    /// Reads.
    pub reads: LaneFelt,
    /// How many writes were acknowledged and are missing.
    pub lost_writes: u64,
    /// Their numbers, as far as they are named.
    pub lost: Vec<u64>,
    /// From the acknowledgement of the first lost one to the end of the gap.
    pub lost_seconds: f64,
    /// The longest that a read did not show what had been acknowledged before it.
    #[serde(default)]
    pub stale_seconds: f64,
    /// How many writes nobody answered for.
    pub unanswered: u64,
    /// How many of these are kept nevertheless.
    pub unanswered_kept: u64,
    /// The run died meanwhile and the prober with it: what users felt then was not measured.
    pub interrupted: bool,
    /// The steps of the failover.
    pub phases: Vec<Phase>,
}

/// What it comes to. `began_at` is when the prober began.
pub fn felt(record: &Record, kept: &BTreeSet<u64>, began_at: Timestamp) -> Felt {
    let lost: Vec<u64> = record
        .acknowledged
        .keys()
        .copied()
        .filter(|number| !kept.contains(number))
        .collect();
    let first_lost = lost
        .first()
        .and_then(|number| record.acknowledged.get(number));
    let gap_ended = record.writes.longest().map_or(Duration::ZERO, |gap| gap.to);
    let lost_for = first_lost.map_or(Duration::ZERO, |at| gap_ended.saturating_sub(*at));
    Felt {
        writes: lane(&record.writes, began_at),
        reads: lane(&record.reads, began_at),
        lost_writes: lost.len() as u64,
        lost: lost.into_iter().take(NAMED).collect(),
        lost_seconds: lost_for.as_secs_f64(),
        stale_seconds: record.stale.as_secs_f64(),
        unanswered: record.unanswered.len() as u64,
        unanswered_kept: record.unanswered.intersection(kept).count() as u64,
        interrupted: false,
        phases: Vec::new(),
    }
}

fn lane(lane: &Lane, began_at: Timestamp) -> LaneFelt {
    let gap = lane.longest();
    LaneFelt {
        longest_gap_seconds: gap.map_or(0.0, |gap| gap.length().as_secs_f64()),
        gap_began_at: gap.map(|gap| began_at.plus(gap.from)),
        answered: lane.count(),
        failed: lane.failures(),
        words: lane.words().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
    }

    #[test]
    fn an_acknowledged_write_that_is_missing_is_lost_and_an_unanswered_one_is_not() {
        let mut record = Record::default();
        for number in 1..=3_u64 {
            let at = Duration::from_secs(number);
            record.writes.answered(at);
            record.acknowledged.insert(number, at);
        }
        record.unanswered.extend([4, 5]);
        record.writes.answered(Duration::from_secs(10));
        record.acknowledged.insert(6, Duration::from_secs(10));
        let felt = felt(&record, &[1, 2, 4, 6].into(), noon());
        assert_eq!((felt.lost_writes, felt.lost.as_slice()), (1, &[3][..]));
        assert_eq!((felt.unanswered, felt.unanswered_kept), (2, 1));
        assert!((felt.writes.longest_gap_seconds - 7.0).abs() < 1e-9);
        assert_eq!(
            felt.writes.gap_began_at,
            Some(noon().plus(Duration::from_secs(3)))
        );
        assert!((felt.lost_seconds - 7.0).abs() < 1e-9);
    }
}
