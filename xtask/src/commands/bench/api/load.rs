//! One thing to ask for, of one server; the runs of all take turns.

use anyhow::{Context, Result};

use super::{pinned::Pinned, wrk};

/// Runs that count.
const ROUNDS: usize = 5;

/// A request to measure.
pub struct Load<'a> {
    /// What it is called in the report.
    pub label: &'static str,
    /// Who answers.
    pub server: &'a Pinned,
    /// What is asked for.
    pub path: String,
    /// Whoever asks.
    pub token: &'a str,
}

/// What came out.
#[derive(Debug)]
pub struct Read {
    /// What it is called in the report.
    pub label: &'static str,
    /// Answers a second, the median of the runs.
    pub a_second: f64,
    /// The fewest and the most.
    pub range: (f64, f64),
    /// Microseconds of the server's processor a request, the median of the runs.
    pub processor: f64,
    /// The server's memory after the runs, in MiB.
    pub resident: f64,
}

/// Runs all in turn, round after round; the first does not count.
pub fn interleaved(loads: &[Load<'_>]) -> Result<Vec<Read>> {
    let mut runs = vec![Vec::new(); loads.len()];
    for round in 0..=ROUNDS {
        for (load, kept) in loads.iter().zip(&mut runs) {
            let one = once(load).with_context(|| load.label)?;
            if round > 0 {
                kept.push(one);
            }
        }
    }
    loads
        .iter()
        .zip(runs)
        .map(|(load, runs)| summary(load, &runs))
        .collect()
}

/// Answers a second, and microseconds of processor a request.
fn once(load: &Load<'_>) -> Result<(f64, f64)> {
    let before = load.server.processor_time()?;
    let seen = wrk::run(&format!("{}{}", load.server.url, load.path), load.token)?;
    let took = load.server.processor_time()?.saturating_sub(before);
    Ok((seen.a_second, took.as_secs_f64() * 1e6 / seen.requests))
}

fn summary(load: &Load<'_>, runs: &[(f64, f64)]) -> Result<Read> {
    let sorted = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (rates, costs) = (sorted(|run| run.0), sorted(|run| run.1));
    let middle = |values: &[f64]| values.get(values.len() / 2).copied().context("no run");
    Ok(Read {
        label: load.label,
        a_second: middle(&rates)?,
        range: (
            *rates.first().context("no run")?,
            *rates.last().context("no run")?,
        ),
        processor: middle(&costs)?,
        resident: load.server.resident()?,
    })
}
