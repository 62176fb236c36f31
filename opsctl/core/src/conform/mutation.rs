//! Whether the checks are any good: each is broken on purpose, in memory, and has to be seen to be broken.
//!
//! The ways of breaking come from the kinds of checks, so that a new line brings its own.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Verdict;
use super::checks::Spoilt;
use super::offline::{Judged, judge};
use super::repository::Repository;
use super::specification::{Line, Specification};
use crate::failure::Result;
use crate::manifests::{Entry, Files};

/// How one attempt came out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Exactly what it broke was seen to be broken.
    Caught,
    /// Nothing of the line was seen to be broken.
    Missed,
    /// Lines that have nothing to do with it broke too.
    Strayed {
        /// Which.
        lines: Vec<String>,
    },
    /// There is no way to break it: the check can't fail, and proves nothing.
    Unbreakable,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Trial {
    /// The line.
    pub line: String,
    /// The check's target.
    pub target: String,
    /// What was done to it.
    pub what: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Breaks every check of every line, each in every way that its kind knows.
///
/// # Errors
/// When what shall be broken can't be read.
pub fn prove(files: &dyn Files, specification: &Specification) -> Result<Vec<Trial>> {
    let repository = Repository::of(files);
    let sound = judge(&repository, specification, |_| true);
    let allowed = together(specification);
    let mut trials = Vec::new();
    for line in specification.lines() {
        for check in &line.offline {
            let target = check.target();
            let spoilt = check.spoil(&repository)?;
            let mut told = |what: String, outcome| {
                trials.push(Trial {
                    line: line.id.clone(),
                    target: target.clone(),
                    what,
                    outcome,
                });
            };
            if spoilt.is_empty() {
                told("nothing".into(), Outcome::Unbreakable);
            }
            for way in spoilt {
                let what = way.what.clone();
                let red = red(files, specification, &sound, way);
                told(what, outcome(line, red, &allowed[&target]));
            }
        }
    }
    Ok(trials)
}

/// By target: the lines that may break with it, because they look at the same or say so.
fn together(specification: &Specification) -> BTreeMap<String, BTreeSet<&str>> {
    let mut allowed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for line in specification.lines() {
        for check in &line.offline {
            let lines = allowed.entry(check.target()).or_default();
            lines.insert(&line.id);
            lines.extend(line.breaks.iter().map(String::as_str));
        }
    }
    allowed
}

/// The lines that are broken once a file has another text. Who did not read the file can't have changed.
fn red(
    files: &dyn Files,
    specification: &Specification,
    sound: &Judged,
    way: Spoilt,
) -> BTreeSet<String> {
    let file = way.file.clone();
    let broken = Overlay { files, way };
    let repository = Repository::of(&broken);
    let reads = |line: &Line| {
        let reads = sound.reads.get(&line.id);
        reads.is_some_and(|reads| reads.contains(&file))
    };
    let judged = judge(&repository, specification, reads);
    let red = judged.reports.into_iter().filter(|report| {
        let mut answers = report.answers.iter();
        answers.any(|answer| answer.verdict >= Verdict::Unknown)
    });
    red.map(|report| report.id).collect()
}

fn outcome(line: &Line, red: BTreeSet<String>, allowed: &BTreeSet<&str>) -> Outcome {
    if !red.contains(&line.id) {
        return Outcome::Missed;
    }
    let strayed: Vec<String> = red
        .into_iter()
        .filter(|id| !allowed.contains(id.as_str()))
        .collect();
    match strayed.is_empty() {
        true => Outcome::Caught,
        false => Outcome::Strayed { lines: strayed },
    }
}

/// The files, but for one.
struct Overlay<'a> {
    files: &'a dyn Files,
    way: Spoilt,
}

impl Files for Overlay<'_> {
    fn at(&self, path: &str) -> Result<Entry> {
        match path == self.way.file {
            true => Ok(Entry::File(self.way.text.clone())),
            false => self.files.at(path),
        }
    }
}
