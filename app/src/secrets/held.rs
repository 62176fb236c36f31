//! The secrets of one moment, by the names of their variables.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::config::Secret;
use crate::database::Mode;

/// Under this name whoever writes the place counts how often it was written.
pub(super) const REVISION: &str = "SECRETS_REVISION";
/// Which line of history the database of `DATABASE_URL` is; only where the place says so may it become another.
const LINEAGE: &str = "DATABASE_LINEAGE";
/// How the platform treats requests, where no descriptor says it.
const MODE: &str = "DATABASE_MODE";

/// What a place may hold beside secrets: what those who wrote it say of them.
pub(super) const BESIDE: [&str; 3] = [REVISION, LINEAGE, MODE];

/// What a place for secrets held when it was read. The value before a rotation stands under the name with `_PREVIOUS`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    values: BTreeMap<String, Secret>,
    versions: BTreeSet<Version>,
}

/// Which version of a secret was read at a stage, where its place keeps versions. Its name comes from whoever put it there, never
/// from the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub secret: String,
    pub stage: &'static str,
    pub id: String,
}

impl Secrets {
    /// An empty value counts as none.
    pub fn current(&self, name: &str) -> Option<&Secret> {
        self.values
            .get(name)
            .filter(|secret| !secret.reveal().is_empty())
    }

    /// The value before a rotation.
    pub fn previous(&self, name: &str) -> Option<&Secret> {
        self.current(&format!("{name}_PREVIOUS"))
    }

    /// Which state of its place this is, where the place counts them. Says nothing about any value.
    pub fn revision(&self) -> Option<u64> {
        self.said(REVISION)?.parse().ok()
    }

    /// Which line of history the database is, where the place says so.
    pub fn lineage(&self) -> Option<Uuid> {
        self.said(LINEAGE)?.parse().ok()
    }

    /// How requests are treated, where the place says so.
    ///
    /// # Errors
    /// With the word, when it is none that is known.
    pub fn mode(&self) -> Option<Result<Mode, String>> {
        let said = self.said(MODE)?;
        let known = [Mode::Normal, Mode::ReadOnly, Mode::Maintenance];
        let found = known.into_iter().find(|mode| mode.as_str() == said);
        Some(found.ok_or_else(|| format!("{MODE}: '{}' is no mode", said.escape_debug())))
    }

    fn said(&self, name: &str) -> Option<&str> {
        Some(self.current(name)?.reveal().trim())
    }

    /// Which versions these are.
    pub const fn versions(&self) -> &BTreeSet<Version> {
        &self.versions
    }

    /// These, known to be of those versions.
    #[must_use]
    pub fn of_versions(mut self, versions: BTreeSet<Version>) -> Self {
        self.versions = versions;
        self
    }

    /// These, with `above` standing over them.
    #[must_use]
    pub fn under(mut self, above: &Self) -> Self {
        let above = above
            .values
            .iter()
            .map(|(name, secret)| (name.clone(), secret.clone()));
        self.values.extend(above);
        self
    }
}

impl FromIterator<(String, Secret)> for Secrets {
    fn from_iter<T: IntoIterator<Item = (String, Secret)>>(pairs: T) -> Self {
        Self {
            values: pairs.into_iter().collect(),
            versions: BTreeSet::new(),
        }
    }
}
