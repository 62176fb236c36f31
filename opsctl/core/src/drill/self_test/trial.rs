//! What one trial showed. Pure.

use std::collections::BTreeMap;

use crate::integrity::{Caught, Damage, DamageKind, IntegrityReport, LevelName, Planted, caught};

/// How a trial came out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// A whole copy raised no alarm.
    Quiet,
    /// A whole copy raised one.
    FalseAlarm {
        /// What was said.
        words: Vec<String>,
    },
    /// The damage was caught and named.
    Caught {
        /// By which level.
        level: LevelName,
        /// What it said.
        words: String,
    },
    /// The damage was not caught, or not named.
    Missed {
        /// What the level that should name it said; empty when nothing failed.
        words: String,
    },
    /// The database holds nothing that could be damaged so.
    NothingToDamage,
}

/// One trial.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Trial {
    /// What was to be damaged; `None` for a control.
    pub damage: Option<Damage>,
    /// What was damaged.
    pub planted: Option<Planted>,
    /// How it came out.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the tables came to, of a control: every other trial restores the same backup.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fingerprints: BTreeMap<String, String>,
}

impl Trial {
    /// A copy that was left whole.
    #[must_use]
    pub fn control(report: IntegrityReport) -> Self {
        let levels = report.integrity.levels.iter();
        let mut words: Vec<String> = levels
            .filter(|level| level.outcome == "failed")
            .map(|level| format!("{}: {}", level.name, level.detail))
            .collect();
        words.extend(report.fidelity.differences);
        let outcome = match words.is_empty() {
            true => Outcome::Quiet,
            false => Outcome::FalseAlarm { words },
        };
        Self {
            damage: None,
            planted: None,
            outcome,
            fingerprints: report.fingerprints,
        }
    }

    /// A copy that was damaged.
    #[must_use]
    pub fn damaged(damage: Damage, planted: Planted, report: &IntegrityReport) -> Self {
        let outcome = match caught(&planted, report) {
            Caught::Yes { level, words } => Outcome::Caught { level, words },
            Caught::Unnamed { words } => Outcome::Missed { words },
            Caught::No => Outcome::Missed {
                words: String::new(),
            },
        };
        Self {
            damage: Some(damage),
            planted: Some(planted),
            outcome,
            fingerprints: BTreeMap::new(),
        }
    }

    /// A copy that could not be damaged so.
    #[must_use]
    pub const fn without(damage: Damage) -> Self {
        Self {
            damage: Some(damage),
            planted: None,
            outcome: Outcome::NothingToDamage,
            fingerprints: BTreeMap::new(),
        }
    }

    /// Why the verifier can't be trusted; `None` when this trial went as it should.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Quiet | Outcome::Caught { .. } | Outcome::NothingToDamage => None,
            Outcome::FalseAlarm { words } => Some(format!(
                "a whole copy raised an alarm: {}",
                words.join("; ")
            )),
            Outcome::Missed { words } => {
                let what = self
                    .damage
                    .as_ref()
                    .map_or("damage", |damage| damage.kind.as_str());
                let planted = self.planted.as_ref().map_or("", |planted| &planted.detail);
                Some(match words.as_str() {
                    "" => format!("{what} was not caught ({planted})"),
                    words => format!("{what} was caught but not named ({planted}): {words}"),
                })
            }
        }
    }
}

/// The name of the step that tries one kind.
pub(super) const fn step_name(kind: DamageKind) -> &'static str {
    match kind {
        DamageKind::RowLost => "damage-row-lost",
        DamageKind::RowChanged => "damage-row-changed",
        DamageKind::ForeignKeyBroken => "damage-foreign-key",
        DamageKind::IndexBroken => "damage-index-broken",
        DamageKind::TableTruncated => "damage-table-truncated",
        DamageKind::TableLost => "damage-table-lost",
        DamageKind::SequenceBehind => "damage-sequence-behind",
        DamageKind::StaleBackup => "damage-stale-backup",
        DamageKind::IndexMissing => "damage-index-missing",
        DamageKind::ConstraintMissing => "damage-constraint-missing",
        DamageKind::DefaultChanged => "damage-default-changed",
        DamageKind::PageFlipped => "damage-page-flipped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_that_no_level_names_is_a_complaint() {
        let damage = Damage {
            kind: DamageKind::RowLost,
            seed: 1,
        };
        let planted = Planted {
            kind: DamageKind::RowLost,
            object: "users".into(),
            detail: "row 7 of users deleted".into(),
        };
        let trial = Trial::damaged(damage.clone(), planted, &IntegrityReport::default());
        assert_eq!(
            trial.complaint().as_deref(),
            Some("a row lost was not caught (row 7 of users deleted)")
        );
        assert_eq!(Trial::without(damage).complaint(), None);
    }

    #[test]
    fn a_whole_copy_that_is_quiet_is_no_complaint() {
        assert_eq!(Trial::control(IntegrityReport::default()).complaint(), None);
        let mut report = IntegrityReport::default();
        report.fidelity.differences.push("timezone".into());
        assert!(Trial::control(report).complaint().is_some());
    }
}
