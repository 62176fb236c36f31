//! The kinds of damage that the verifier must catch, and whether it caught one. Pure.

use super::{IntegrityReport, LevelName};

/// One kind of damage.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DamageKind {
    /// A row is gone.
    RowLost,
    /// A row has another content.
    RowChanged,
    /// A row refers to one that is not there.
    ForeignKeyBroken,
    /// An index does not know a row that is there.
    IndexBroken,
    /// A table is empty.
    TableTruncated,
    /// A table is gone.
    TableLost,
    /// A sequence would hand out a value that is already there.
    SequenceBehind,
    /// The data is older than the backup's record says.
    StaleBackup,
    /// An index is gone.
    IndexMissing,
    /// A constraint is gone.
    ConstraintMissing,
    /// A column has another default.
    DefaultChanged,
    /// Bits of a page of a table have flipped on the disk.
    PageFlipped,
}

impl DamageKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::RowLost,
        Self::RowChanged,
        Self::ForeignKeyBroken,
        Self::IndexBroken,
        Self::TableTruncated,
        Self::TableLost,
        Self::SequenceBehind,
        Self::StaleBackup,
        Self::IndexMissing,
        Self::ConstraintMissing,
        Self::DefaultChanged,
        Self::PageFlipped,
    ];

    /// The kind in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RowLost => "a row lost",
            Self::RowChanged => "a row changed",
            Self::ForeignKeyBroken => "a broken foreign key",
            Self::IndexBroken => "a broken index",
            Self::TableTruncated => "a truncated table",
            Self::TableLost => "a table lost",
            Self::SequenceBehind => "a sequence behind",
            Self::StaleBackup => "a stale backup",
            Self::IndexMissing => "an index missing",
            Self::ConstraintMissing => "a constraint missing",
            Self::DefaultChanged => "a column's default changed",
            Self::PageFlipped => "a page with flipped bits",
        }
    }

    /// The levels of which at least one must fail and name what was damaged.
    #[must_use]
    pub const fn caught_by(self) -> &'static [LevelName] {
        match self {
            // A row that has changed in the source since can't be told by reconciliation any more; the
            // fingerprint of an earlier restore of the same backup tells it.
            Self::RowLost | Self::RowChanged | Self::TableTruncated => {
                &[LevelName::Reconciliation, LevelName::Content]
            }
            Self::ForeignKeyBroken | Self::IndexBroken => &[LevelName::Engine],
            Self::TableLost
            | Self::SequenceBehind
            | Self::IndexMissing
            | Self::ConstraintMissing
            | Self::DefaultChanged => &[LevelName::Structure],
            Self::StaleBackup => &[LevelName::Content],
            Self::PageFlipped => &[LevelName::Engine, LevelName::Content],
        }
    }
}

/// Damage to be done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Damage {
    /// Which kind.
    pub kind: DamageKind,
    /// Decides where; the same seed damages the same place of the same copy.
    pub seed: u64,
}

/// Damage that was done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Planted {
    /// Which kind.
    pub kind: DamageKind,
    /// What was damaged, as the report must name it: a table, an index, a column.
    pub object: String,
    /// What was done, in words.
    pub detail: String,
}

/// Whether damage was caught.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Caught {
    /// A level that should catch it failed and named it.
    Yes {
        /// Which.
        level: LevelName,
        /// What it said.
        words: String,
    },
    /// A level that should catch it failed, but did not name what was damaged.
    Unnamed {
        /// What it said.
        words: String,
    },
    /// No level that should catch it failed.
    No,
}

/// Looks whether a report caught the damage.
#[must_use]
pub fn caught(planted: &Planted, report: &IntegrityReport) -> Caught {
    let mut outcome = Caught::No;
    for name in planted.kind.caught_by() {
        let mut levels = report.integrity.levels.iter();
        let level = levels.find(|level| level.name == name.as_str() && level.outcome == "failed");
        let Some(level) = level else { continue };
        let words = level.detail.clone();
        if words.contains(&planted.object) {
            return Caught::Yes {
                level: *name,
                words,
            };
        }
        outcome = Caught::Unnamed { words };
    }
    outcome
}

/// Random choices that a seed repeats (SplitMix64): the same on every machine and in every version.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// Starts at the seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when there is none.
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.number() % limit }
    }

    /// One of them; `None` when there are none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let place = self.below(of.len() as u64);
        of.get(usize::try_from(place).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Integrity;

    fn report(level: LevelName, detail: &str) -> IntegrityReport {
        let levels = vec![level.failed(detail)];
        IntegrityReport {
            integrity: Integrity { levels },
            ..IntegrityReport::default()
        }
    }

    fn planted(kind: DamageKind) -> Planted {
        Planted {
            kind,
            object: "comments".into(),
            detail: String::new(),
        }
    }

    #[test]
    fn damage_is_caught_only_by_the_level_that_should_and_only_by_name() {
        let lost = planted(DamageKind::RowLost);
        let named = report(LevelName::Reconciliation, "comments: row 1 is missing");
        assert!(matches!(caught(&lost, &named), Caught::Yes { .. }));
        let vague = report(LevelName::Reconciliation, "something is missing");
        assert!(matches!(caught(&lost, &vague), Caught::Unnamed { .. }));
        let elsewhere = report(LevelName::Structure, "comments");
        assert_eq!(caught(&lost, &elsewhere), Caught::No);
    }

    #[test]
    fn a_seed_repeats_its_choices() {
        let choices = |seed| {
            let mut rng = Rng::new(seed);
            [rng.below(100), rng.below(100), rng.below(100)]
        };
        assert_eq!(choices(7), choices(7));
        assert_ne!(choices(7), choices(8));
    }

    #[test]
    fn every_kind_is_listed_once_and_has_a_level() {
        let mut all = DamageKind::ALL.to_vec();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 12);
        assert!(all.iter().all(|kind| !kind.caught_by().is_empty()));
    }
}
