//! What holds for any set of backups, any clock and any rules.

use std::time::Duration;

use opsctl_core::backup::{Candidate, Health, Policy, decide};
use opsctl_core::environment::Span;
use proptest::prelude::*;

use crate::candidates::{DAY, now, taken};

prop_compose! {
    fn candidate()(
        seconds_ago in -(5 * DAY.cast_signed())..(100 * DAY.cast_signed()),
        health in 0..4u8,
        pinned in prop::bool::weighted(0.1),
        drilled in prop::bool::weighted(0.1),
    ) -> Candidate {
        let mut candidate = taken("name-is-set-later", seconds_ago);
        candidate.health = match health {
            0 => Health::Broken("app.sqlite3: gone".into()),
            1 => Health::Unknown,
            _ => Health::Good,
        };
        candidate.pins = if pinned { vec!["somebody reads it".into()] } else { Vec::new() };
        candidate.drilled = drilled;
        candidate
    }
}

prop_compose! {
    fn rules()(retention in 0..60u64, floor in 0..5u32, stale_hours in 1..100u64) -> Policy {
        Policy {
            retention: Span::days(retention),
            floor,
            stale_after: Span::seconds(stale_hours * 3600),
        }
    }
}

fn named(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    for (index, candidate) in candidates.iter_mut().enumerate() {
        let name = format!("backup-{index}");
        candidate.record.id = opsctl_core::names::BackupId::new(name).unwrap();
    }
    candidates
}

fn newest<'a>(of: impl Iterator<Item = &'a Candidate>) -> Option<&'a Candidate> {
    of.max_by_key(|candidate| {
        let record = &candidate.record;
        (record.recovery_point.taken_at, record.id.clone())
    })
}

proptest! {
    #[test]
    fn what_must_stay_stays(
        candidates in prop::collection::vec(candidate(), 0..30),
        policy in rules(),
        leap_days in 0..4000u64,
    ) {
        let candidates = named(candidates);
        let now = now().plus(Duration::from_secs(leap_days * DAY));
        let decisions = decide(&candidates, &policy, now);
        let stays: Vec<&Candidate> = candidates
            .iter()
            .zip(&decisions)
            .filter(|(_, decision)| !decision.goes())
            .map(|(candidate, _)| candidate)
            .collect();
        let stay = |candidate: &Candidate| stays.iter().any(|s| s.record.id == candidate.record.id);

        let good = |candidate: &&Candidate| candidate.health == Health::Good;
        if let Some(best) = newest(candidates.iter().filter(good)) {
            prop_assert!(stay(best), "the newest good one goes");
        }
        let good_before = candidates.iter().filter(good).count();
        let good_after = stays.iter().copied().filter(good).count();
        prop_assert!(good_after >= good_before.min(policy.floor()), "under the floor");
        for pinned in candidates.iter().filter(|candidate| !candidate.pins.is_empty()) {
            prop_assert!(stay(pinned), "a pinned one goes");
        }
        let proven = |candidate: &&Candidate| {
            candidate.drilled && !matches!(candidate.health, Health::Broken(_))
        };
        if let Some(proof) = newest(candidates.iter().filter(proven)) {
            prop_assert!(stay(proof), "the newest drilled one goes");
        }
        for young in &candidates {
            let age = young.record.recovery_point.taken_at.age(now);
            prop_assert!(age > policy.retention.0 || stay(young), "a young one goes");
        }
    }

    #[test]
    fn the_order_in_which_backups_are_listed_does_not_matter(
        candidates in prop::collection::vec(candidate(), 0..20),
        policy in rules(),
    ) {
        let candidates = named(candidates);
        let forward = crate::candidates::going(&candidates, &policy, now());
        let reversed: Vec<Candidate> = candidates.into_iter().rev().collect();
        let mut backward = crate::candidates::going(&reversed, &policy, now());
        backward.reverse();
        prop_assert_eq!(forward, backward);
    }

    /// However far the clock leaps at once, it costs no more than one overdue backup would have.
    #[test]
    fn a_leap_beyond_the_retention_is_worth_no_more_than_a_leap_twice_as_far(
        candidates in prop::collection::vec(candidate(), 0..20),
        policy in rules(),
        days in 200..4000u64,
    ) {
        let candidates = named(candidates);
        let at = |days: u64| {
            let later = now().plus(Duration::from_secs(days * DAY));
            crate::candidates::going(&candidates, &policy, later)
        };
        prop_assert_eq!(at(days), at(days * 2));
    }
}
