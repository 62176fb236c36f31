//! What the gate needs of what a pod told: how many requests were answered how, and how quickly.

use std::collections::BTreeMap;

use super::series::{Bound, Counts, Series};
use crate::exposition::sample;

/// Answers by status, as the service names them.
const ANSWERED: &str = "http_requests_total";
/// Answers by the time that they took.
const WITHIN: &str = "http_request_duration_seconds_bucket";

impl Counts {
    /// Reads what a pod told. Routes that begin with one of `ignored` are left out.
    ///
    /// # Errors
    /// When a line that matters is none, or counts what can't be counted: such a pod has told nothing.
    pub fn read(text: &str, ignored: &[String]) -> Result<Self, String> {
        let mut counts = BTreeMap::new();
        for line in text.lines().map(str::trim) {
            let of_ours = |name: &&str| {
                let rest = line.strip_prefix(*name);
                rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
            };
            let Some(name) = [ANSWERED, WITHIN].into_iter().find(of_ours) else {
                continue;
            };
            let odd = || {
                format!(
                    "an odd line: {}",
                    line.chars().take(120).collect::<String>()
                )
            };
            let (labels, value) = sample(&line[name.len()..]).ok_or_else(odd)?;
            if !(value.is_finite() && value >= 0.0) {
                return Err(format!("{name} is {value}"));
            }
            let route = labels.get("route").map_or("", String::as_str);
            if ignored.iter().any(|prefix| route.starts_with(prefix)) {
                continue;
            }
            *counts
                .entry(series(name, labels).ok_or_else(odd)?)
                .or_default() += value;
        }
        Ok(Self(counts))
    }
}

fn series(name: &str, mut labels: BTreeMap<String, String>) -> Option<Series> {
    if name == ANSWERED {
        let failed = labels.get("status")?.starts_with('5');
        let labels = format!("{labels:?}");
        return Some(Series::Answered { labels, failed });
    }
    let bound: f64 = match labels.remove("le")?.as_str() {
        "+Inf" => f64::INFINITY,
        bound => bound.parse().ok().filter(|it: &f64| !it.is_nan())?,
    };
    let labels = format!("{labels:?}");
    let bound = Bound(bound);
    Some(Series::Within { labels, bound })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<f64>, String> {
        let ignored = ["/health".to_owned()];
        Counts::read(text, &ignored).map(|counts| counts.0.into_values().collect())
    }

    #[test]
    fn what_matters_is_read_and_everything_else_is_passed_over() {
        let text = "# HELP http_requests_total Requests\n\
            http_requests_total{method=\"GET\",route=\"/a\",status=\"200\"} 12\n\
            http_requests_total{ method = \"GET\" , route = \"/a\", status = \"503\", } 3 1700000000000\n\
            http_requests_total_more{x=\"y\"} nonsense\n\
            http_request_duration_seconds_bucket{route=\"/a\",le=\"+Inf\"} 15\n\
            process_cpu_seconds 1.5\nweird line\n";
        assert_eq!(read(text), Ok(vec![12.0, 3.0, 15.0]));
    }

    #[test]
    fn probes_are_not_counted() {
        let text = "http_requests_total{route=\"/health/live\",status=\"500\"} 9\n";
        assert_eq!(read(text), Ok(vec![]));
    }

    #[test]
    fn a_label_may_hold_anything() {
        let text = "http_requests_total{route=\"/a\\\"},\\\\ b=\\n\",status=\"200\"} 1\n";
        assert_eq!(read(text), Ok(vec![1.0]));
    }

    #[test]
    fn what_cant_be_counted_makes_the_whole_answer_worthless() {
        for line in [
            "http_requests_total{status=\"200\"} NaN",
            "http_requests_total{status=\"200\"} -1",
            "http_requests_total{status=\"200\"} +Inf",
            "http_requests_total{status=\"200\"} ",
            "http_requests_total{status=\"200\" 4",
            "http_requests_total 4",
            "http_request_duration_seconds_bucket{route=\"/\"} 4",
            "http_request_duration_seconds_bucket{le=\"NaN\"} 4",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
