//! The secrets of one moment, by the names of their variables.

use std::collections::BTreeMap;

use crate::config::Secret;

/// Under this name whoever writes the place counts how often it was written.
pub(super) const REVISION: &str = "SECRETS_REVISION";

/// What a place for secrets held when it was read. The value before a rotation stands under the name with `_PREVIOUS`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// An empty value counts as none.
    pub fn current(&self, name: &str) -> Option<&Secret> {
        self.0
            .get(name)
            .filter(|secret| !secret.reveal().is_empty())
    }

    /// The value before a rotation.
    pub fn previous(&self, name: &str) -> Option<&Secret> {
        self.current(&format!("{name}_PREVIOUS"))
    }

    /// Which state of its place this is, where the place counts them. Says nothing about any value.
    pub fn revision(&self) -> Option<u64> {
        self.current(REVISION)?.reveal().trim().parse().ok()
    }

    /// These, with `above` standing over them.
    #[must_use]
    pub fn under(mut self, above: &Self) -> Self {
        let above = above
            .0
            .iter()
            .map(|(name, secret)| (name.clone(), secret.clone()));
        self.0.extend(above);
        self
    }
}

impl FromIterator<(String, Secret)> for Secrets {
    fn from_iter<T: IntoIterator<Item = (String, Secret)>>(pairs: T) -> Self {
        Self(pairs.into_iter().collect())
    }
}
