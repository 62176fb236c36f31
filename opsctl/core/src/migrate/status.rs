//! What a database has, held against what this opsctl carries. Pure.

use super::Migration;
use crate::failure::{Failure, FailureKind, Result};
use crate::ports::Applied;

/// Something that should never happen to a migration.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum Drift {
    /// The database has it, this opsctl does not carry it.
    Missing {
        /// Its number.
        version: i64,
        /// Its name in the database.
        description: String,
    },
    /// The file was changed after it was applied.
    Changed {
        /// Its number.
        version: i64,
        /// Its name.
        description: String,
    },
    /// It is not applied, though a later one is.
    OutOfOrder {
        /// Its number.
        version: i64,
        /// Its name.
        description: String,
    },
}

/// How a database stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SchemaStatus {
    /// What it has.
    pub applied: Vec<Applied>,
    /// The numbers of what it lacks, in order.
    pub pending: Vec<i64>,
    /// What should never happen.
    pub drift: Vec<Drift>,
}

/// Compares.
#[must_use]
pub fn status(carried: &[Migration], applied: Vec<Applied>) -> SchemaStatus {
    let mut drift = Vec::new();
    for has in &applied {
        let (version, description) = (has.version, has.description.clone());
        match carried
            .iter()
            .find(|migration| migration.version == version)
        {
            None => drift.push(Drift::Missing {
                version,
                description,
            }),
            Some(file) if file.checksum() != has.checksum => {
                drift.push(Drift::Changed {
                    version,
                    description,
                });
            }
            Some(_) => {}
        }
    }
    let newest = applied.iter().map(|has| has.version).max().unwrap_or(0);
    let lacks = |file: &&Migration| !applied.iter().any(|has| has.version == file.version);
    let pending: Vec<i64> = carried
        .iter()
        .filter(lacks)
        .map(|file| file.version)
        .collect();
    for file in carried
        .iter()
        .filter(lacks)
        .filter(|file| file.version < newest)
    {
        let (version, description) = (file.version, file.description.clone());
        drift.push(Drift::OutOfOrder {
            version,
            description,
        });
    }
    SchemaStatus {
        applied,
        pending,
        drift,
    }
}

impl SchemaStatus {
    /// The newest migration that the database has.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.applied
            .iter()
            .map(|has| has.version)
            .max()
            .unwrap_or(0)
    }

    /// Passes when nothing drifted.
    ///
    /// # Errors
    /// Names each drift and what to do about it.
    pub fn sound(&self) -> Result<()> {
        if self.drift.is_empty() {
            return Ok(());
        }
        let what = "the database's migrations are not those of this opsctl";
        let mut failure = Failure::new(FailureKind::Failed, what).left("nothing was changed");
        for drift in &self.drift {
            let (cause, hint) = drift.explain();
            failure = failure.cause(cause).hint(hint);
        }
        Err(failure.runbook("runbooks/migrate.md"))
    }
}

impl Drift {
    fn explain(&self) -> (String, &'static str) {
        match self {
            Self::Missing {
                version,
                description,
            } => (
                format!("{version:04} {description} is applied, and this opsctl does not carry it"),
                "use the opsctl of the release that brought it, or take it down with that one",
            ),
            Self::Changed {
                version,
                description,
            } => (
                format!("{version:04} {description} was changed after it was applied"),
                "bring the file back as it was, and put the change into a new migration",
            ),
            Self::OutOfOrder {
                version,
                description,
            } => (
                format!("{version:04} {description} is not applied, though a later one is"),
                "give it a number after the newest one",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn file(version: i64, up: &str) -> Migration {
        Migration::parse(&format!("{version:04}_m"), up, None).unwrap()
    }

    fn has(file: &Migration) -> Applied {
        Applied {
            version: file.version,
            description: file.description.clone(),
            checksum: file.checksum(),
            installed_on: Timestamp(time::OffsetDateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn what_is_not_applied_is_pending() {
        let files = [file(1, "a"), file(2, "b")];
        let status = status(&files, vec![has(&files[0])]);
        assert_eq!((status.pending.as_slice(), status.version()), (&[2][..], 1));
        assert!(status.sound().is_ok());
    }

    #[test]
    fn a_changed_a_missing_and_a_skipped_migration_are_errors_that_say_what_to_do() {
        let files = [file(1, "a"), file(2, "b")];
        let changed = status(&[file(1, "a "), file(2, "b")], vec![has(&files[0])]);
        let missing = status(&files[..1], vec![has(&files[0]), has(&files[1])]);
        let skipped = status(&files, vec![has(&files[1])]);
        for (status, word) in [(changed, "changed"), (missing, "carry"), (skipped, "later")] {
            let failure = status.sound().unwrap_err();
            assert!(failure.causes[0].contains(word), "{failure}");
            assert_eq!(failure.hints.len(), 1);
        }
    }
}
