//! The verdict on a row that differs. Pure: what is known of its history in, the verdict out.
//!
//! The question is never *when* a row changed but whether the change was committed in the copy: a
//! transaction may begin before the recovery point and commit after it.

use std::collections::{BTreeMap, BTreeSet};

use super::buckets::Difference;
use crate::ports::{Deletion, Fate, RowDigest};

/// What can tell why a row of a table differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trace {
    /// Every row version names its transaction; transactions from `next` on came after the copy.
    Versions {
        /// The next transaction id when the copy was promoted, before any write.
        next: u64,
    },
    /// `row_changes` names every change; entries after `position` came after the copy.
    Log {
        /// The newest entry in the copy.
        position: i64,
    },
    /// A column grows with every change; greater values than the copy's greatest came after it.
    Column {
        /// The copy's greatest; `None` when the copy has no row.
        greatest: Option<i64>,
    },
    /// Nothing.
    None,
}

/// What was looked up about the rows at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// What became, in the copy, of transactions older than the copy.
    pub(super) fates: BTreeMap<u64, Fate>,
    /// Keys that `row_changes` names after the copy's position.
    pub(super) changed: BTreeSet<String>,
    /// Entries of the deletion log, by key.
    pub(super) deletions: BTreeMap<String, Vec<Deletion>>,
    /// The copy's newest place in the deletion log, where places are counted.
    pub(super) deletions_until: Option<i64>,
}

/// Why a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A trace proves that it changed after the recovery point.
    Explained,
    /// No trace exists that could tell.
    Unprovable,
    /// The trace proves that it should be the same: damage. Says what is wrong, in words.
    Unexplained(&'static str),
}

const LOST: &str = "is missing, though it was there at the recovery point";
const CHANGED: &str = "has another content than at the recovery point";
const FOREIGN: &str = "was never in the source";
const KEPT: &str = "is there, though no deletion in the source was recorded";

/// Judges one row.
#[must_use]
pub(super) fn judge(difference: &Difference, trace: &Trace, known: &Known) -> Verdict {
    match difference {
        Difference::LiveOnly(live) => newer(live, None, trace, known, LOST),
        Difference::Changed { live, copy } => newer(live, Some(copy), trace, known, CHANGED),
        Difference::CopyOnly(copy) => gone(copy, trace, known),
    }
}

/// Whether what the live database has came after the copy.
fn newer(
    live: &RowDigest,
    copy: Option<&RowDigest>,
    trace: &Trace,
    known: &Known,
    fault: &'static str,
) -> Verdict {
    let after = match trace {
        Trace::None => return Verdict::Unprovable,
        Trace::Versions { next } => came_after(live.version, *next, known) && !aliased(live, copy),
        Trace::Log { .. } => known.changed.contains(&live.key),
        Trace::Column { greatest } => live.change > *greatest,
    };
    verdict(after, fault)
}

/// Whether a row that only the copy has was deleted, or given another key, after the copy.
fn gone(copy: &RowDigest, trace: &Trace, known: &Known) -> Verdict {
    match trace {
        Trace::Log { .. } => verdict(known.changed.contains(&copy.key), KEPT),
        Trace::Versions { next } if copy.version.is_some_and(|version| version >= *next) => {
            Verdict::Unexplained(FOREIGN)
        }
        Trace::Versions { .. } | Trace::Column { .. } | Trace::None => {
            let entries = known.deletions.get(&copy.key).into_iter().flatten();
            let mut later = entries.filter(|entry| deleted_after(entry, trace, known));
            if later.next().is_some() {
                Verdict::Explained
            } else {
                Verdict::Unprovable
            }
        }
    }
}

fn deleted_after(entry: &Deletion, trace: &Trace, known: &Known) -> bool {
    match trace {
        Trace::Versions { next } => came_after(entry.version, *next, known),
        _ => entry.position.is_some() && entry.position > known.deletions_until,
    }
}

/// A version that has no transaction is as old as the database, and frozen.
fn came_after(version: Option<u64>, next: u64, known: &Known) -> bool {
    version
        .is_some_and(|version| version >= next || known.fates.get(&version) == Some(&Fate::Absent))
}

/// Rows keep 32 bits of their transaction. Past the first wraparound an ancient frozen row can look new;
/// it gives itself away by having the same 32 bits in the copy.
fn aliased(live: &RowDigest, copy: Option<&RowDigest>) -> bool {
    const EPOCH: u64 = 1 << 32;
    let short = |row: &RowDigest| row.version.map(|version| version % EPOCH);
    live.version.is_some_and(|version| version >= EPOCH)
        && copy.is_some_and(|copy| short(copy) == short(live))
}

const fn verdict(after: bool, fault: &'static str) -> Verdict {
    if after {
        Verdict::Explained
    } else {
        Verdict::Unexplained(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Digest;

    const NEXT: Trace = Trace::Versions { next: 700 };

    fn row(version: Option<u64>, change: Option<i64>) -> RowDigest {
        RowDigest {
            bucket: 0,
            key: "k".into(),
            digest: Digest::default(),
            version,
            change,
        }
    }

    fn known(fates: &[(u64, Fate)]) -> Known {
        Known {
            fates: fates.iter().copied().collect(),
            ..Known::default()
        }
    }

    fn lost(version: u64, fates: &[(u64, Fate)]) -> Verdict {
        judge(
            &Difference::LiveOnly(row(Some(version), None)),
            &NEXT,
            &known(fates),
        )
    }

    #[test]
    fn a_transaction_from_the_next_id_on_explains_and_the_one_before_does_not() {
        assert_eq!(lost(700, &[]), Verdict::Explained);
        assert_eq!(
            lost(699, &[(699, Fate::Committed)]),
            Verdict::Unexplained(LOST)
        );
    }

    #[test]
    fn a_transaction_begun_before_and_committed_after_the_recovery_point_explains() {
        assert_eq!(lost(650, &[(650, Fate::Absent)]), Verdict::Explained);
    }

    #[test]
    fn a_row_as_old_as_the_database_must_match() {
        let pair = Difference::Changed {
            live: row(None, None),
            copy: row(None, None),
        };
        assert_eq!(
            judge(&pair, &NEXT, &Known::default()),
            Verdict::Unexplained(CHANGED)
        );
    }

    #[test]
    fn past_a_wraparound_an_ancient_row_does_not_pass_for_a_new_one() {
        let epoch = 1_u64 << 32;
        let trace = Trace::Versions { next: epoch + 700 };
        let same = Difference::Changed {
            live: row(Some(epoch + 800), None),
            copy: row(Some(800), None),
        };
        assert_eq!(
            judge(&same, &trace, &Known::default()),
            Verdict::Unexplained(CHANGED)
        );
        let rewritten = Difference::Changed {
            live: row(Some(epoch + 800), None),
            copy: row(Some(500), None),
        };
        assert_eq!(
            judge(&rewritten, &trace, &Known::default()),
            Verdict::Explained
        );
    }

    #[test]
    fn a_row_that_was_written_after_promotion_was_never_in_the_source() {
        let planted = Difference::CopyOnly(row(Some(701), None));
        assert_eq!(
            judge(&planted, &NEXT, &Known::default()),
            Verdict::Unexplained(FOREIGN)
        );
    }

    #[test]
    fn a_vanished_row_is_explained_by_a_deletion_after_the_copy_alone() {
        let gone = Difference::CopyOnly(row(Some(10), None));
        assert_eq!(judge(&gone, &NEXT, &Known::default()), Verdict::Unprovable);
        let logged = |version| {
            let entry = Deletion {
                key: "k".into(),
                version: Some(version),
                position: None,
            };
            let deletions = BTreeMap::from([("k".to_owned(), vec![entry])]);
            let fates = BTreeMap::from([(10, Fate::Committed)]);
            judge(
                &gone,
                &NEXT,
                &Known {
                    deletions,
                    fates,
                    ..Known::default()
                },
            )
        };
        assert_eq!(logged(705), Verdict::Explained);
        // The row was deleted before, came back, and vanished without a trace.
        assert_eq!(logged(10), Verdict::Unprovable);
    }

    #[test]
    fn a_complete_log_of_changes_leaves_nothing_unprovable() {
        let trace = Trace::Log { position: 5 };
        let changed = Known {
            changed: BTreeSet::from(["k".to_owned()]),
            ..Known::default()
        };
        for one in [
            Difference::LiveOnly(row(None, None)),
            Difference::CopyOnly(row(None, None)),
        ] {
            assert_eq!(judge(&one, &trace, &changed), Verdict::Explained);
            let silent = judge(&one, &trace, &Known::default());
            assert!(matches!(silent, Verdict::Unexplained(_)));
        }
    }

    #[test]
    fn a_change_column_explains_what_is_greater_than_the_copys_greatest() {
        let trace = Trace::Column { greatest: Some(41) };
        let lost = |value| {
            judge(
                &Difference::LiveOnly(row(None, Some(value))),
                &trace,
                &Known::default(),
            )
        };
        assert_eq!(lost(42), Verdict::Explained);
        assert_eq!(lost(41), Verdict::Unexplained(LOST));
    }

    #[test]
    fn without_a_trace_nothing_can_be_proven() {
        let lost = Difference::LiveOnly(row(None, None));
        assert_eq!(
            judge(&lost, &Trace::None, &Known::default()),
            Verdict::Unprovable
        );
    }
}
