//! One thing that would go wrong.

use crate::deploy::verdict::Finding;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::EnvironmentName;
use crate::ports::Refusal;

/// Whether it stops the deploy.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It would fail.
    Blocks,
    /// It may be meant.
    Warns,
}

/// One thing that would go wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct PreflightFinding {
    /// Whether it stops the deploy.
    pub weight: Weight,
    /// A stable word for it.
    pub code: String,
    /// The object that it is about.
    pub object: String,
    /// What is wrong.
    pub message: String,
    /// What cures it.
    pub hint: String,
}

/// All that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Preflight {
    /// What stops the deploy first.
    pub findings: Vec<PreflightFinding>,
}

impl Preflight {
    /// With these findings too.
    #[must_use]
    pub fn with(mut self, more: Vec<PreflightFinding>) -> Self {
        self.findings.extend(more);
        self.findings.sort();
        self
    }

    /// The findings that do not stop the deploy.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.findings.iter().filter(|it| it.weight == Weight::Warns);
        warnings.map(PreflightFinding::line).collect()
    }

    /// Lets the deploy pass, or refuses it with everything that would fail.
    ///
    /// # Errors
    /// One failure that names every blocking finding.
    pub fn pass(&self, environment: &EnvironmentName) -> Result<()> {
        let blocking: Vec<&PreflightFinding> = self
            .findings
            .iter()
            .filter(|it| it.weight == Weight::Blocks)
            .collect();
        if blocking.is_empty() {
            return Ok(());
        }
        let what = format!(
            "{} thing(s) would make this deploy to '{environment}' fail",
            blocking.len()
        );
        let mut failure = Failure::new(FailureKind::Refused, what).left("nothing was changed");
        for finding in blocking {
            failure = failure.cause(finding.line()).hint(finding.hint.clone());
        }
        failure.hints.dedup();
        Err(failure)
    }
}

impl PreflightFinding {
    /// In one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {}: {}", self.code, self.object, self.message)
    }
}

pub(super) fn of_refusal(refusal: &Refusal) -> PreflightFinding {
    let found = Finding::of_refusal(refusal);
    PreflightFinding {
        weight: Weight::Blocks,
        code: found.code.to_string(),
        object: found.object.to_string(),
        message: found.message,
        hint: found.hint,
    }
}
