//! What a pod has counted since its start, series by series.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// An upper bound of answering times, in seconds; ordered as numbers are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound(pub f64);

impl Eq for Bound {}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One series.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Series {
    /// Answers.
    Answered {
        /// Its labels, as they were written.
        labels: String,
        /// Whether they are failures: 5xx.
        failed: bool,
    },
    /// Answers within a time.
    Within {
        /// Its labels, as they were written.
        labels: String,
        /// The time.
        bound: Bound,
    },
}

/// Everything that one pod has counted since its start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts(pub(super) BTreeMap<Series, f64>);
