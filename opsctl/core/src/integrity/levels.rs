//! The names of the levels and the words of their outcomes.

use crate::evidence::Level;

/// One level of integrity. The names are public and stable.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LevelName {
    /// The engine opens it and finds nothing wrong.
    Engine,
    /// Every object is there as it should be.
    Structure,
    /// The rows are those of the backup.
    Content,
    /// Every row that differs from the source is explained.
    Reconciliation,
    /// The application starts on it and answers; the drill runs this one.
    Application,
}

impl LevelName {
    /// The word that the evidence holds.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Structure => "structure",
            Self::Content => "content",
            Self::Reconciliation => "reconciliation",
            Self::Application => "application",
        }
    }

    fn level(self, outcome: &str, detail: impl Into<String>) -> Level {
        Level {
            name: self.as_str().into(),
            outcome: outcome.into(),
            detail: detail.into(),
        }
    }

    /// Nothing is wrong; `detail` says what was looked at.
    #[must_use]
    pub fn passed(self, detail: impl Into<String>) -> Level {
        self.level("passed", detail)
    }

    /// Something is wrong; `detail` names it.
    #[must_use]
    pub fn failed(self, detail: impl Into<String>) -> Level {
        self.level("failed", detail)
    }

    /// It could not be looked at; `detail` says why.
    #[must_use]
    pub fn not_run(self, detail: impl Into<String>) -> Level {
        self.level("not_run", detail)
    }

    /// Only a share was looked at.
    #[must_use]
    pub fn sampled(self, detail: impl Into<String>) -> Level {
        self.level("sampled", detail)
    }
}

/// Joins findings into one line. A broken table can yield thousands; the first ones tell enough.
pub(super) fn listed(findings: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut text = findings
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    if findings.len() > SHOWN {
        text.push_str(&format!("; and {} more", findings.len() - SHOWN));
    }
    text
}
