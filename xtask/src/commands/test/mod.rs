//! `cargo xtask test`: runs every part, or the parts named, and closes with a line for each.
//!
//! Owns the order and the summary. A part never skips itself: what it needs and can't get is a failure, told
//! before anything runs.

mod contract;
mod endurance;
mod infra;
mod monitoring;
mod parts;
mod platform;
mod policy;
mod requirements;
mod shapes;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use crate::{checkout::Checkout, terminal::say};
use endurance::Seeds;
use parts::Part;

pub use monitoring::write_configuration;

/// Run the tests and checks: everything, or the parts that are named
#[derive(Debug, Args)]
pub struct Test {
    /// The parts to run; all of them when none is named
    #[arg(value_enum)]
    parts: Vec<Part>,
    #[command(flatten)]
    seeds: Seeds,
}

/// How one part ended.
struct Outcome {
    part: Part,
    took: Duration,
    failure: Option<anyhow::Error>,
}

impl Test {
    /// Checks what the parts need, runs them all, and fails when one of them failed.
    pub fn run(self) -> Result<()> {
        let checkout = Checkout::find()?;
        let parts = match self.parts.as_slice() {
            [] => Part::EVERYTHING.to_vec(),
            named => named.to_vec(),
        };
        let ready = requirements::meet(&parts, &checkout)?;
        let outcomes: Vec<Outcome> = parts
            .into_iter()
            .map(|part| {
                let started = Instant::now();
                say(&format!("== {part}: {}", part.meaning()));
                let failure = part.run(&checkout, &ready, &self.seeds).err();
                let took = started.elapsed();
                Outcome {
                    part,
                    took,
                    failure,
                }
            })
            .collect();
        say("== summary");
        for outcome in &outcomes {
            say(&line(outcome));
        }
        say(&verdict(&outcomes)?);
        Ok(())
    }
}

/// The closing line; an error when any part failed.
fn verdict(outcomes: &[Outcome]) -> Result<String> {
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .map(|outcome| outcome.part.to_string())
        .collect();
    ensure!(
        failed.is_empty(),
        "{} of {} parts failed: {}",
        failed.len(),
        outcomes.len(),
        failed.join(", ")
    );
    let took: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    Ok(format!(
        "all {} parts passed in {:.1} s",
        outcomes.len(),
        took.as_secs_f64()
    ))
}

fn line(outcome: &Outcome) -> String {
    let Outcome {
        part,
        took,
        failure,
    } = outcome;
    let verdict = if failure.is_none() {
        "passed"
    } else {
        "FAILED"
    };
    let seconds = took.as_secs_f64();
    let start = format!("{verdict}  {part:<12} {seconds:>7.1} s");
    match failure {
        None => start,
        Some(why) => format!("{start}  {why:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(part: Part, failure: Option<&'static str>) -> Outcome {
        Outcome {
            part,
            took: Duration::from_millis(1500),
            failure: failure.map(anyhow::Error::msg),
        }
    }

    #[test]
    fn each_part_has_a_line_with_its_verdict_and_its_time() {
        assert_eq!(
            line(&outcome(Part::Format, None)),
            "passed  format           1.5 s"
        );
        assert_eq!(
            line(&outcome(Part::Unit, Some("cargo test failed"))),
            "FAILED  unit             1.5 s  cargo test failed"
        );
    }

    #[test]
    fn one_failed_part_fails_the_run_and_is_named() {
        let outcomes = [outcome(Part::Format, None), outcome(Part::Unit, Some("no"))];
        let error = verdict(&outcomes).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("1 of 2 parts failed: unit"));
    }

    #[test]
    fn when_every_part_passed_the_run_passes() {
        assert!(verdict(&[outcome(Part::Format, None)]).is_ok());
    }
}
