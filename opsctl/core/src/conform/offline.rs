//! Judging lines by the repository.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Answer, Verdict};
use super::repository::Repository;
use super::specification::{Line, Specification};
use super::stretch::Stretch;
use crate::manifests::Files;

/// Where the proof of a line was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenIn {
    /// In the repository alone: code, and tests that the build runs.
    Repository,
    /// In the world too.
    World,
}

/// One line and what came of its checks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LineReport {
    /// Its id.
    pub id: String,
    /// Its number in the specification.
    pub at: Stretch,
    /// The chapter.
    pub chapter: String,
    /// What it says.
    pub text: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// Where that was seen.
    pub seen_in: SeenIn,
    /// Why it is not built, or not looked at here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Check by check.
    pub answers: Vec<Answer>,
}

impl LineReport {
    pub(super) fn of(line: &Line, chapter: &str, answers: Vec<Answer>) -> Self {
        let worst = answers.iter().map(|answer| answer.verdict).max();
        let worst = worst.unwrap_or(Verdict::Planned);
        let verdict = match (&line.planned, worst) {
            (Some(_), Verdict::Broken) | (None, _) => worst,
            // What is not built yet can't be seen either.
            (Some(_), _) => Verdict::Planned,
        };
        Self {
            id: line.id.clone(),
            at: line.at,
            chapter: chapter.to_owned(),
            text: line.text.clone(),
            verdict,
            seen_in: SeenIn::Repository,
            reason: line.planned.clone(),
            answers,
        }
    }
}

/// Every line by the repository, and the files that each was judged by.
pub(super) struct Judged {
    pub reports: Vec<LineReport>,
    pub reads: BTreeMap<String, BTreeSet<String>>,
}

/// Every line, judged by the repository alone.
#[must_use]
pub fn offline(files: &dyn Files, specification: &Specification) -> Vec<LineReport> {
    let repository = Repository::of(files);
    judge(&repository, specification, |_| true).reports
}

pub(super) fn judge(
    repository: &Repository,
    specification: &Specification,
    wanted: impl Fn(&Line) -> bool,
) -> Judged {
    let mut judged = Judged {
        reports: Vec::new(),
        reads: BTreeMap::new(),
    };
    for chapter in &specification.chapters {
        for line in chapter.lines.iter().filter(|line| wanted(line)) {
            drop(repository.taken_reads());
            let answers = line.offline.iter().map(|check| check.answer(repository));
            let report = LineReport::of(line, &chapter.title, answers.collect());
            judged.reports.push(report);
            judged
                .reads
                .insert(line.id.clone(), repository.taken_reads());
        }
    }
    judged
}
