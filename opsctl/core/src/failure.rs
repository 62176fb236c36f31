//! The one shape in which anything goes wrong: what failed, why, what state is left behind, what to run.
//!
//! Owns the classes of failure and their exit codes. Never renders: `cli/output` does.

use std::fmt;

use crate::secret::without_passwords;

/// The result of everything that can fail in an operation.
pub type Result<T> = std::result::Result<T, Failure>;

/// The class of a failure; it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It failed; nothing was changed, or the change was undone.
    Failed,
    /// A wrong argument or configuration.
    Usage,
    /// Changes are pending (`--exit-code`).
    Pending,
    /// A guard refused, or nobody confirmed.
    Refused,
    /// Somebody else holds the lock, or an operation is open.
    Locked,
    /// A promise or a verification failed; the state is known.
    PromiseBroken,
    /// Stopped midway; it can be resumed.
    Stopped,
    /// Credentials are missing or refused.
    Authentication,
    /// The state is unknown, or going back failed.
    Unknown,
    /// Interrupted twice.
    Interrupted,
}

impl FailureKind {
    /// Every class, in the order of the exit codes.
    pub const ALL: [Self; 10] = [
        Self::Failed,
        Self::Usage,
        Self::Pending,
        Self::Refused,
        Self::Locked,
        Self::PromiseBroken,
        Self::Stopped,
        Self::Authentication,
        Self::Unknown,
        Self::Interrupted,
    ];

    /// The process exit code of this class.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Pending => 3,
            Self::Refused => 4,
            Self::Locked => 5,
            Self::PromiseBroken => 6,
            Self::Stopped => 7,
            Self::Authentication => 8,
            Self::Unknown => 9,
            Self::Interrupted => 130,
        }
    }

    /// What the exit code tells, for help texts and the generated reference.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Failed => "failed; nothing was changed, or the change was undone",
            Self::Usage => "wrong usage or configuration",
            Self::Pending => "changes are pending (with --exit-code)",
            Self::Refused => "refused by a guard, or not confirmed",
            Self::Locked => "locked by somebody else, or an operation is open",
            Self::PromiseBroken => "a promise or a verification failed; the state is known",
            Self::Stopped => "stopped midway; it can be resumed",
            Self::Authentication => "authentication failed",
            Self::Unknown => "the state is unknown, or going back failed",
            Self::Interrupted => "interrupted twice; the lock is left behind",
        }
    }
}

/// What went wrong, told so that an engineer at 3 a.m. knows what to do next.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// The class; it decides the exit code.
    pub kind: FailureKind,
    /// What failed: the step, the object, the environment.
    pub what: String,
    /// Why, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What state is left behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<String>,
    /// Commands to run or advice to follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// The runbook that helps, as a path in the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

impl Failure {
    /// A failure of the given class.
    #[must_use]
    pub fn new(kind: FailureKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: without_passwords(&what.into()),
            causes: Vec::new(),
            left_behind: None,
            hints: Vec::new(),
            runbook: None,
        }
    }

    /// It failed and nothing was changed.
    #[must_use]
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(FailureKind::Failed, what)
    }

    /// A wrong argument or configuration.
    #[must_use]
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, what)
    }

    /// A guard refused.
    #[must_use]
    pub fn refused(what: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, what)
    }

    /// Adds a cause, and the causes of that cause.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error) -> Self {
        self.causes.push(without_passwords(&cause.to_string()));
        let mut inner = cause.source();
        while let Some(next) = inner {
            let text = without_passwords(&next.to_string());
            // Many drivers repeat the inner message in the outer one.
            if !self.causes.iter().any(|known| known.contains(&text)) {
                self.causes.push(text);
            }
            inner = next.source();
        }
        self
    }

    /// Adds a cause told in words.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(without_passwords(&cause.into()));
        self
    }

    /// Says what state is left behind; the first statement wins, because it is the closest to the fault.
    #[must_use]
    pub fn left(mut self, state: impl Into<String>) -> Self {
        self.left_behind
            .get_or_insert(without_passwords(&state.into()));
        self
    }

    /// Adds a command to run.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(without_passwords(&hint.into()));
        self
    }

    /// Names the runbook.
    #[must_use]
    pub fn runbook(mut self, path: impl Into<String>) -> Self {
        self.runbook = Some(path.into());
        self
    }

    /// Names the runbook, where none is named: the first one named is the closest to the fault.
    #[must_use]
    pub fn or_runbook(mut self, path: &str) -> Self {
        self.runbook.get_or_insert_with(|| path.to_owned());
        self
    }

    /// Wraps this failure: `what` becomes the headline and the old headline its first cause.
    #[must_use]
    pub fn in_context(mut self, what: impl Into<String>) -> Self {
        let inner = std::mem::replace(&mut self.what, without_passwords(&what.into()));
        self.causes.insert(0, inner);
        self
    }

    /// The same failure in another class.
    #[must_use]
    pub fn with_kind(mut self, kind: FailureKind) -> Self {
        self.kind = kind;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_own_exit_code() {
        let mut codes: Vec<u8> = FailureKind::ALL
            .iter()
            .map(|kind| kind.exit_code())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 130]);
    }

    #[test]
    fn the_statement_closest_to_the_fault_about_the_state_wins() {
        let failure = Failure::failed("restore")
            .left("scratch kept")
            .left("nothing changed");
        assert_eq!(failure.left_behind.as_deref(), Some("scratch kept"));
    }

    #[test]
    fn context_becomes_the_headline_and_keeps_the_cause() {
        let failure = Failure::failed("disk full").in_context("take backup b1");
        assert_eq!(failure.to_string(), "take backup b1: disk full");
    }
}
