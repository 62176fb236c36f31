//! All lines together: what they come to, and the class of failure that is.

use super::answer::Verdict;
use super::offline::{LineReport, SeenIn};
use crate::clock::Timestamp;
use crate::failure::FailureKind;

/// Whether lines that are not built yet may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// A promise that nobody keeps is broken.
    Counts,
    /// They are shown, and no failure (`--allow-planned`).
    Allowed,
}

/// How many lines came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// All of them.
    pub lines: usize,
    /// Seen to hold in the world.
    pub hold_in_the_world: usize,
    /// Seen to hold in the repository, where all there is to see is.
    pub hold_in_the_repository: usize,
    /// Promised of other environments.
    pub elsewhere: usize,
    /// Not built.
    pub planned: usize,
    /// Not looked at.
    pub unknown: usize,
    /// Broken.
    pub broken: usize,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// The environment that was looked at.
    pub environment: String,
    /// True when only the repository was.
    pub offline: bool,
    /// When.
    pub at: Timestamp,
    /// The sums.
    pub counts: Counts,
    /// Line by line.
    pub lines: Vec<LineReport>,
}

impl Report {
    /// The report of these lines.
    #[must_use]
    pub fn of(environment: &str, offline: bool, at: Timestamp, lines: Vec<LineReport>) -> Self {
        Self {
            environment: environment.to_owned(),
            offline,
            at,
            counts: Counts::of(&lines),
            lines,
        }
    }

    /// What the command ends with; `None`: all is well. A broken promise is worse than one that was not seen.
    #[must_use]
    pub const fn failure(&self, planned: Planned) -> Option<FailureKind> {
        let counts = &self.counts;
        let unbuilt = matches!(planned, Planned::Counts) && counts.planned > 0;
        if counts.broken > 0 || unbuilt {
            Some(FailureKind::PromiseBroken)
        } else if counts.unknown > 0 {
            Some(FailureKind::Unknown)
        } else {
            None
        }
    }
}

impl Counts {
    fn of(lines: &[LineReport]) -> Self {
        let mut counts = Self {
            lines: lines.len(),
            ..Self::default()
        };
        for line in lines {
            let of = match (line.verdict, line.seen_in) {
                (Verdict::Holds, SeenIn::World) => &mut counts.hold_in_the_world,
                (Verdict::Holds, SeenIn::Repository) => &mut counts.hold_in_the_repository,
                (Verdict::Elsewhere, _) => &mut counts.elsewhere,
                (Verdict::Planned, _) => &mut counts.planned,
                (Verdict::Unknown, _) => &mut counts.unknown,
                (Verdict::Broken, _) => &mut counts.broken,
            };
            *of += 1;
        }
        counts
    }
}
