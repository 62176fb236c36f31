//! Prometheus's text format, a sample at a time. What one means is for who asked.

use std::collections::BTreeMap;

/// One value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The value.
    pub value: f64,
}

/// All values of the metric of that name; lines that can't be read say nothing.
#[must_use]
pub fn samples(text: &str, name: &str) -> Vec<Sample> {
    let of_it = |line: &str| {
        let rest = line.trim().strip_prefix(name)?;
        let (labels, value) = sample(rest).filter(|_| rest.starts_with(['{', ' ']))?;
        Some(Sample { labels, value })
    };
    text.lines().filter_map(of_it).collect()
}

/// `{a="b",c="d"} 12 [time]`, or without labels.
pub(crate) fn sample(text: &str) -> Option<(BTreeMap<String, String>, f64)> {
    let (labels, rest) = match text.strip_prefix('{') {
        Some(inner) => labels(inner)?,
        None => (BTreeMap::new(), text),
    };
    let mut words = rest.split_whitespace();
    let value = match words.next()? {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        word => word.parse().ok()?,
    };
    let time = words.next().is_none_or(|time| time.parse::<i64>().is_ok());
    (time && words.next().is_none()).then_some((labels, value))
}

/// The labels up to their closing bracket, and what comes after it.
fn labels(mut text: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        text = text.trim_start_matches([' ', ',']);
        if let Some(rest) = text.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, rest) = text.split_once('=')?;
        let (value, rest) = quoted(rest.trim_start())?;
        labels.insert(name.trim().to_owned(), value);
        text = rest;
    }
}

/// A text in quotes, with its escapes undone, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut signs = inner.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => value.push(match signs.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_read_and_one_that_begins_alike_is_not() {
        let text = "# TYPE of_a_test gauge\nof_a_test{a=\"b\"} 3\nof_a_test 12\nof_a_tests 4\nof_a_test{odd\n";
        let found = samples(text, "of_a_test");
        let values: Vec<f64> = found.iter().map(|sample| sample.value).collect();
        assert_eq!(values, [3.0, 12.0]);
        assert_eq!(found[0].labels["a"], "b");
        assert!(found[1].labels.is_empty());
    }
}
