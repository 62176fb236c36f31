//! How long opsctl takes to say its version and its help, beside kubectl where there is one.

use std::{path::Path, process::Command, time::Duration};

use anyhow::Result;

use super::{
    machine,
    measure::{Candidate, Measured, interleaved, table, timed},
    report::{Section, goal},
};
use crate::{
    checkout::Checkout,
    machine::{child, kubectl},
};

const ROUNDS: u32 = 41;
/// The goal for `--version`.
const VERSION_GOAL: Duration = Duration::from_millis(10);
/// The goal for `--help`, as a share of kubectl's.
const HELP_GOAL: f64 = 0.2;

/// Measures the optimised program.
pub fn measure(checkout: &Checkout) -> Result<Section> {
    let build = ["build", "--release", "--locked", "--package", "opsctl"];
    child::run(&mut checkout.cargo(build))?;
    let opsctl = checkout.optimised_folder()?.join("opsctl");
    let mut candidates = vec![
        candidate("opsctl --version", &opsctl, "--version"),
        candidate("opsctl --help", &opsctl, "--help"),
    ];
    let kubectl = kubectl::require()?;
    candidates.push(candidate("kubectl --help", &kubectl, "--help"));
    let rows = interleaved(candidates, ROUNDS)?;
    Ok(Section {
        title: "Start-up".to_owned(),
        findings: findings(&rows),
        table: table(&rows),
        circumstances: machine::circumstances(checkout)?,
    })
}

fn candidate(label: &str, program: &Path, argument: &'static str) -> Candidate<'static> {
    let program = program.to_owned();
    Candidate {
        label: label.to_owned(),
        run: Box::new(move || {
            timed(|| child::output(Command::new(&program).arg(argument)).map(drop))
        }),
    }
}

fn findings(rows: &[Measured]) -> Vec<String> {
    let [version, help, kubectl] = rows else {
        return Vec::new();
    };
    let share = help.median.as_secs_f64() / kubectl.median.as_secs_f64();
    vec![
        format!(
            "`--version` within {VERSION_GOAL:?}: {}.",
            goal(version.median <= VERSION_GOAL)
        ),
        format!(
            "`--help` takes {share:.2} of what kubectl's takes; the goal is {HELP_GOAL}: {}.",
            goal(share <= HELP_GOAL)
        ),
    ]
}
