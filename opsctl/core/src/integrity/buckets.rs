//! Bucket by bucket: which ones differ, and which rows in them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::ports::{Buckets, Digest, RowDigest};

/// Digests by bucket; a bucket without rows is left out.
pub(super) type Digests = BTreeMap<u32, Digest>;

/// Rows of both sides that are held in memory at a time.
const ROWS_AT_A_TIME: u64 = 50_000;

/// How many buckets a table of that many bytes gets: about 64 KiB each, so that a changed row costs the
/// reading of a few hundred others and the digests of all buckets stay small.
#[must_use]
pub(super) fn count_for(bytes: u64) -> u32 {
    let wanted = (bytes >> 16).clamp(16, 16_384);
    u32::try_from(wanted.next_power_of_two()).unwrap_or(16_384)
}

/// Those buckets of a table that a sample of `share` (0 to 1) reads; the seed turns where it begins.
#[must_use]
pub(super) fn sample(count: u32, share: f64, seed: u64) -> Buckets {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the count, which fits"
    )]
    let read = ((f64::from(count) * share) as u32).clamp(1, count);
    let first = u32::try_from(seed % u64::from(count)).unwrap_or(0);
    Buckets { count, first, read }
}

/// The buckets that differ, in batches that fit into memory.
#[must_use]
pub(super) fn differing(live: &Digests, copy: &Digests, read: Buckets) -> Vec<Vec<u32>> {
    let all: BTreeSet<u32> = live.keys().chain(copy.keys()).copied().collect();
    let mut batches: Vec<Vec<u32>> = Vec::new();
    let mut held = u64::MAX;
    for bucket in all.into_iter().filter(|bucket| read.holds(*bucket)) {
        let (ours, theirs) = (copy.get(&bucket), live.get(&bucket));
        if ours == theirs {
            continue;
        }
        let rows = [ours, theirs]
            .into_iter()
            .flatten()
            .map(|d| d.rows)
            .sum::<u64>();
        held = held.saturating_add(rows);
        if held > ROWS_AT_A_TIME {
            batches.push(Vec::new());
            held = rows;
        }
        batches
            .last_mut()
            .into_iter()
            .for_each(|batch| batch.push(bucket));
    }
    batches
}

/// A row that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference {
    /// Only the live database has it.
    LiveOnly(RowDigest),
    /// Only the copy has it.
    CopyOnly(RowDigest),
    /// Both have the key, with another content.
    Changed {
        /// As the live database has it.
        live: RowDigest,
        /// As the copy has it.
        copy: RowDigest,
    },
}

impl Difference {
    /// The key of the row.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::LiveOnly(row) | Self::CopyOnly(row) | Self::Changed { live: row, .. } => &row.key,
        }
    }

    /// The row as the live database has it.
    pub(super) const fn live(&self) -> Option<&RowDigest> {
        match self {
            Self::LiveOnly(row) | Self::Changed { live: row, .. } => Some(row),
            Self::CopyOnly(_) => None,
        }
    }
}

/// The rows that are not the same. Without a key, rows are compared as a multiset of contents.
#[must_use]
pub(super) fn compare(live: Vec<RowDigest>, copy: Vec<RowDigest>, keyed: bool) -> Vec<Difference> {
    let mut by_key: BTreeMap<(String, Digest), (Vec<RowDigest>, Vec<RowDigest>)> = BTreeMap::new();
    for row in live {
        by_key
            .entry((row.key.clone(), row.digest))
            .or_default()
            .0
            .push(row);
    }
    for row in copy {
        by_key
            .entry((row.key.clone(), row.digest))
            .or_default()
            .1
            .push(row);
    }
    // What is equal on both sides goes, one for one.
    let mut left: BTreeMap<String, (Vec<RowDigest>, Vec<RowDigest>)> = BTreeMap::new();
    for ((key, _), (mut live, mut copy)) in by_key {
        let same = live.len().min(copy.len());
        let (live, copy) = (live.split_off(same), copy.split_off(same));
        let place = left.entry(key).or_default();
        place.0.extend(live);
        place.1.extend(copy);
    }
    left.into_values()
        .flat_map(|(live, copy)| pair(live, copy, keyed))
        .collect()
}

fn pair(live: Vec<RowDigest>, copy: Vec<RowDigest>, keyed: bool) -> Vec<Difference> {
    let both = if keyed { live.len().min(copy.len()) } else { 0 };
    let (mut live, mut copy) = (live.into_iter(), copy.into_iter());
    let changed: Vec<Difference> = live
        .by_ref()
        .take(both)
        .zip(copy.by_ref().take(both))
        .map(|(live, copy)| Difference::Changed { live, copy })
        .collect();
    let rest = live
        .map(Difference::LiveOnly)
        .chain(copy.map(Difference::CopyOnly));
    changed.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, content: u64) -> RowDigest {
        let digest = Digest {
            rows: 1,
            high: content,
            low: content,
        };
        RowDigest {
            bucket: 0,
            key: key.into(),
            digest,
            version: None,
            change: None,
        }
    }

    fn digest(rows: u64, high: u64) -> Digest {
        Digest { rows, high, low: 0 }
    }

    #[test]
    fn equal_buckets_are_never_read_again() {
        let live = Digests::from([(1, digest(2, 7)), (2, digest(1, 1)), (9, digest(1, 1))]);
        let copy = Digests::from([(1, digest(2, 7)), (2, digest(1, 2)), (4, digest(1, 1))]);
        assert_eq!(differing(&live, &copy, Buckets::all(16)), [vec![2, 4, 9]]);
    }

    #[test]
    fn a_batch_holds_no_more_rows_than_fit() {
        let live: Digests = (0..10).map(|bucket| (bucket, digest(20_000, 1))).collect();
        let batches = differing(&live, &Digests::new(), Buckets::all(16));
        assert_eq!(
            batches.iter().map(Vec::len).collect::<Vec<_>>(),
            [2, 2, 2, 2, 2]
        );
    }

    #[test]
    fn a_row_is_added_lost_or_changed() {
        let live = vec![row("a", 1), row("b", 2), row("c", 3)];
        let copy = vec![row("a", 1), row("b", 9), row("d", 4)];
        assert_eq!(
            compare(live, copy, true),
            [
                Difference::Changed {
                    live: row("b", 2),
                    copy: row("b", 9)
                },
                Difference::LiveOnly(row("c", 3)),
                Difference::CopyOnly(row("d", 4)),
            ]
        );
    }

    #[test]
    fn without_a_key_the_same_row_counts_as_often_as_it_stands() {
        let live = vec![row("", 1), row("", 1), row("", 2)];
        let copy = vec![row("", 1), row("", 3)];
        assert_eq!(
            compare(live, copy, false),
            [
                Difference::LiveOnly(row("", 1)),
                Difference::LiveOnly(row("", 2)),
                Difference::CopyOnly(row("", 3)),
            ]
        );
    }

    #[test]
    fn a_sample_wraps_around_and_keeps_its_share() {
        let some = sample(16, 0.25, 14);
        let held: Vec<u32> = (0..16).filter(|bucket| some.holds(*bucket)).collect();
        assert_eq!(held, [0, 1, 14, 15]);
        assert!(!some.is_whole());
        assert!(sample(16, 1.0, 3).is_whole());
    }

    #[test]
    fn the_number_of_buckets_grows_with_the_table_within_bounds() {
        assert_eq!([0, 1 << 22, 1 << 50].map(count_for), [16, 64, 16_384]);
    }
}
