//! What the operation engine costs a step, beside the durable writes of its journal.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::files::TempDir;

use super::{
    alone::Alone,
    machine,
    measure::{Candidate, Measured, Took, interleaved, table},
    report::{Section, goal},
};
use crate::checkout::Checkout;

const ROUNDS: u32 = 7;
const STEPS: u32 = 200;
const GOAL: Duration = Duration::from_millis(2);

/// Measures an operation of empty steps, and the writing of as many records.
pub fn measure(checkout: &Checkout) -> Result<Section> {
    let alone = Alone::build(checkout)?;
    let steps = STEPS.to_string();
    let (_, answer) = run(&alone, "engine", &steps)?;
    let records = answer["records"].to_string();
    let candidate = |label: String, what: &'static str, count: String| Candidate {
        label,
        run: Box::new({
            let alone = &alone;
            move || Ok(run(alone, what, &count)?.0)
        }),
    };
    let rows = interleaved(
        vec![
            candidate(
                format!("an operation of {STEPS} empty steps"),
                "engine",
                steps,
            ),
            candidate(format!("its {records} records alone"), "journal", records),
        ],
        ROUNDS,
    )?;
    Ok(Section {
        title: "Operation engine".to_owned(),
        findings: findings(&rows),
        table: table(&rows),
        circumstances: machine::circumstances(checkout)?,
    })
}

/// The program takes its own time: its start is not the engine's.
fn run(alone: &Alone, what: &str, count: &str) -> Result<(Took, serde_json::Value)> {
    let folder = TempDir::new()?;
    let place = folder.path().to_string_lossy();
    let answer = alone.run(&[what, &place, count])?;
    let seconds = answer["seconds"].as_f64().context("seconds")?;
    let took = Took {
        wall: Duration::from_secs_f64(seconds),
        processor: Duration::ZERO,
    };
    Ok((took, answer))
}

fn findings(rows: &[Measured]) -> Vec<String> {
    let [engine, records] = rows else {
        return Vec::new();
    };
    let over = engine.median.saturating_sub(records.median) / STEPS;
    vec![format!(
        "A step costs {over:.2?} beside the journal's own durable writes; the goal is {GOAL:?}: {}.",
        goal(over <= GOAL)
    )]
}
