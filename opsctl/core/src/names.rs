//! Names of things, as types, so that one can't be passed for another.
//!
//! Every name that may become part of a path is checked here once: lower-case letters, digits, `-`, `.`
//! and `_`, at most 128 characters, never starting with a dot.

use std::fmt;

use crate::failure::Failure;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks and keeps the name.
            ///
            /// # Errors
            /// Refuses an empty, over-long or oddly spelled name (usage).
            pub fn new(text: impl Into<String>) -> Result<Self, Failure> {
                let text = text.into();
                match fault_in(&text) {
                    None => Ok(Self(text)),
                    Some(fault) => Err(Failure::usage(format!(
                        concat!("'{}' is not a valid ", $noun, " name"), text.escape_debug()
                    )).cause(fault)),
                }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Failure;

            fn from_str(text: &str) -> Result<Self, Failure> {
                Self::new(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

name!(/// An environment in `opsctl.yaml`.
    EnvironmentName, "environment");
name!(/// One run of an operation: its kind, its time and a random tail.
    OperationId, "operation");
name!(/// One backup of a database.
    BackupId, "backup");
name!(/// A scratch copy that an operation restored: derived from the operation's id.
    ScratchName, "scratch");
name!(/// One step of an operation.
    StepName, "step");
name!(/// A resource that operations lock: `database`, `images`, `secrets`, `workloads`.
    ResourceName, "resource");

/// The id that a database instance keeps for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct InstanceId(pub uuid::Uuid);

/// The id of one line of history; a restored copy begins a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct LineageId(pub uuid::Uuid);

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for LineageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is wrong with a name; `None` when it is fine.
fn fault_in(text: &str) -> Option<&'static str> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    match text {
        "" => Some("it is empty"),
        _ if text.len() > 128 => Some("it is longer than 128 characters"),
        _ if text.starts_with(['.', '-']) => Some("it starts with a dot or a dash"),
        _ if !text.chars().all(fits) => {
            Some("only lower-case letters, digits, '-', '.' and '_' are allowed")
        }
        _ => None,
    }
}

impl StepName {
    /// A step's name that stands in the program.
    ///
    /// # Panics
    /// When the name is not valid: a fault of the program that any test of the step finds.
    #[must_use]
    pub fn fixed(name: &'static str) -> Self {
        assert!(
            fault_in(name).is_none(),
            "'{name}' is not a valid step name"
        );
        Self(name.to_owned())
    }
}

impl OperationId {
    /// The name of this operation's scratch copy: the same at every run, so that a lost answer is adopted.
    #[must_use]
    pub fn scratch(&self) -> ScratchName {
        ScratchName(self.0.clone())
    }

    /// The name of the backup that this operation takes.
    #[must_use]
    pub fn backup(&self) -> BackupId {
        BackupId(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_its_folder() {
        for bad in [
            "", "../x", "a/b", ".hidden", "-flag", "Upper", "nul\0", "ü", "a b",
        ] {
            assert!(EnvironmentName::new(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn the_usual_names_are_accepted() {
        for good in [
            "local",
            "local-postgres",
            "restore-20261123t061500z-4f2a9c",
            "a.b_c",
        ] {
            assert!(OperationId::new(good).is_ok(), "{good:?} was refused");
        }
    }
}
