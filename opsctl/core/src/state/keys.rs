//! The layout of the state store: one function a kind of record.

use std::fmt;

use crate::names::{BackupId, OperationId, ResourceName};

/// A path inside the state store: names divided by `/`, each of them safe in a file system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The stamp that names the layout's version.
    #[must_use]
    pub fn format() -> Self {
        Self("format".into())
    }

    /// Everything.
    #[must_use]
    pub fn root() -> Self {
        Self(String::new())
    }

    /// All operations.
    #[must_use]
    pub fn operations() -> Self {
        Self("operations".into())
    }

    /// All journal records of an operation.
    #[must_use]
    pub fn journal(operation: &OperationId) -> Self {
        Self(format!("operations/{operation}/journal"))
    }

    /// One journal record; numbers begin at 1.
    #[must_use]
    pub fn record(operation: &OperationId, number: u32) -> Self {
        Self(format!("operations/{operation}/journal/{number:06}.json"))
    }

    /// The register that says who runs an operation at the moment.
    #[must_use]
    pub fn runner(operation: &OperationId) -> Self {
        Self(format!("operations/{operation}/runner"))
    }

    /// The register through which a running operation is asked to stop.
    #[must_use]
    pub fn stop_request(operation: &OperationId) -> Self {
        Self(format!("operations/{operation}/stop"))
    }

    /// The lock register of a resource.
    #[must_use]
    pub fn lock(resource: &ResourceName) -> Self {
        Self(format!("locks/{resource}"))
    }

    /// Which database is *the* database of this environment.
    #[must_use]
    pub fn database() -> Self {
        Self("database".into())
    }

    /// The pins on a backup: who reads it, and who wants it kept.
    #[must_use]
    pub fn pins(backup: &BackupId) -> Self {
        Self(format!("pins/{backup}"))
    }

    /// A pin on a backup, by its owner (an operation, or `kept`).
    #[must_use]
    pub fn pin(backup: &BackupId, owner: &OperationId) -> Self {
        Self(format!("pins/{backup}/{owner}.json"))
    }

    /// What a drill found each table of a backup to be.
    #[must_use]
    pub fn fingerprints(backup: &BackupId) -> Self {
        Self(format!("fingerprints/{backup}.json"))
    }

    /// All approvals given for a plan, by the plan's hash.
    #[must_use]
    pub fn approvals(plan_hash: &str) -> Self {
        Self(format!("approvals/{plan_hash}"))
    }

    /// The evidence chain.
    #[must_use]
    pub fn evidence() -> Self {
        Self("evidence".into())
    }

    /// A key in a room of the caller's own.
    ///
    /// The parts must be file names of their own: a part with a `/` or a leading dot is replaced by `_`.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let safe = |part: &&str| {
            let odd = part.is_empty() || part.starts_with('.') || part.contains(['/', '\0', '\\']);
            if odd {
                "_".to_owned()
            } else {
                (*part).to_owned()
            }
        };
        Self(parts.iter().map(safe).collect::<Vec<_>>().join("/"))
    }

    /// This key with one more part.
    #[must_use]
    pub fn join(&self, part: &str) -> Self {
        match self.0.as_str() {
            "" => Self::of(&[part]),
            parent => Self(format!("{parent}/{}", Self::of(&[part]))),
        }
    }

    /// The last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The key as a relative path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_leaves_the_store() {
        assert_eq!(Key::of(&["a", "..", "b/c"]).as_str(), "a/_/_");
    }
}
