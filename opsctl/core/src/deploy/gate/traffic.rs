//! What was answered in a span of time: counts that grew, whatever restarted meanwhile.

use std::collections::BTreeMap;

use super::series::{Bound, Counts, Series};

/// What was answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traffic {
    /// All answers.
    pub requests: f64,
    /// Those with a 5xx.
    pub failed: f64,
    /// Answers within each bound, as histograms count them: each includes those before it.
    within: BTreeMap<Bound, f64>,
}

/// Whether a count began anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// Every count went on.
    Whole,
    /// One is smaller than it was: the program started again meanwhile.
    Restarted,
}

impl Traffic {
    /// What a pod answered between two looks. A count that is smaller than before began anew: all of it is new.
    #[must_use]
    pub fn between(earlier: &Counts, later: &Counts) -> (Self, Continuity) {
        let mut traffic = Self::default();
        let began_anew = |(series, count): (&Series, &f64)| {
            earlier.0.get(series).is_some_and(|before| count < before)
        };
        let gone = |series: &Series| !later.0.contains_key(series);
        // One program: where one count began anew, all did, also those that have caught up already.
        let restarted = later.0.iter().any(began_anew) || earlier.0.keys().any(gone);
        for (series, count) in &later.0 {
            let before = earlier.0.get(series).filter(|_| !restarted);
            traffic.take(series, count - before.copied().unwrap_or_default());
        }
        let continuity = match restarted {
            true => Continuity::Restarted,
            false => Continuity::Whole,
        };
        (traffic, continuity)
    }

    fn take(&mut self, series: &Series, grown: f64) {
        match series {
            Series::Answered { failed, .. } => {
                self.requests += grown;
                self.failed += if *failed { grown } else { 0.0 };
            }
            Series::Within { bound, .. } => *self.within.entry(*bound).or_default() += grown,
        }
    }

    /// With another pod's, or another span's.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        for (bound, count) in &other.within {
            *self.within.entry(*bound).or_default() += count;
        }
    }

    /// The share of failures; `None` when nothing was answered.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0.0).then(|| self.failed / self.requests)
    }

    /// The time within which 95 of 100 were answered, in seconds, as Prometheus reckons it: evenly spread inside a bucket,
    /// and the last finite bound for what is above it. `None` when no times were counted.
    #[must_use]
    pub fn p95(&self) -> Option<f64> {
        let all = *self.within.get(&Bound(f64::INFINITY))?;
        let wanted = all * 0.95;
        let (mut below, mut reached) = (0.0, 0.0);
        for (Bound(bound), count) in &self.within {
            if *count >= wanted && all > 0.0 {
                if bound.is_infinite() {
                    return Some(below);
                }
                let inside = count - reached;
                let part = if inside > 0.0 {
                    (wanted - reached) / inside
                } else {
                    1.0
                };
                return Some(below + (bound - below) * part);
            }
            (below, reached) = (*bound, *count);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Counts {
        Counts::read(text, &[]).unwrap()
    }

    fn answered(good: u32, bad: u32) -> Counts {
        counts(&format!(
            "http_requests_total{{status=\"200\"}} {good}\nhttp_requests_total{{status=\"500\"}} {bad}\n"
        ))
    }

    fn times(buckets: &[(&str, u32)]) -> Option<f64> {
        let lines = buckets.iter().map(|(le, count)| {
            format!("http_request_duration_seconds_bucket{{le=\"{le}\"}} {count}\n")
        });
        let (traffic, _) =
            Traffic::between(&Counts::default(), &counts(&lines.collect::<String>()));
        traffic.p95()
    }

    #[test]
    fn only_what_came_between_the_looks_counts() {
        let (traffic, whole) = Traffic::between(&answered(100, 7), &answered(180, 9));
        assert_eq!((traffic.requests, traffic.failed), (82.0, 2.0));
        assert_eq!(whole, Continuity::Whole);
    }

    #[test]
    fn after_a_restart_everything_is_new_even_counts_that_caught_up() {
        let (traffic, restarted) = Traffic::between(&answered(100, 7), &answered(110, 2));
        assert_eq!((traffic.requests, traffic.failed), (112.0, 2.0));
        assert_eq!(restarted, Continuity::Restarted);
        let (traffic, restarted) = Traffic::between(&answered(100, 7), &Counts::default());
        assert_eq!((traffic.requests, restarted), (0.0, Continuity::Restarted));
    }

    #[test]
    fn a_percentile_lies_inside_its_bucket() {
        let even = [("0.1", 90), ("0.2", 100), ("+Inf", 100)];
        assert!((times(&even).unwrap() - 0.15).abs() < 1e-9);
        let first = [("0.1", 100), ("+Inf", 100)];
        assert!((times(&first).unwrap() - 0.095).abs() < 1e-9);
    }

    #[test]
    fn what_is_above_every_bound_is_the_last_one_and_nothing_is_none() {
        assert_eq!(times(&[("0.1", 10), ("+Inf", 100)]), Some(0.1));
        assert_eq!(times(&[("0.1", 0), ("+Inf", 0)]), None);
        assert_eq!(times(&[("0.1", 5)]), None);
        assert_eq!(times(&[]), None);
    }

    #[test]
    fn a_rate_of_nothing_is_none() {
        assert_eq!(Traffic::default().error_rate(), None);
    }
}
