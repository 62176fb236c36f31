//! How long opsctl takes to say its version and its help, beside kubectl where there is one.

use std::{path::Path, process::Command, time::Duration};

use anyhow::Result;

use super::{
    machine,
    measure::{Candidate, Measured, interleaved},
    report::Section,
};
use crate::{
    checkout::Checkout,
    machine::{child, settings},
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
    let kubectl = settings::search_path()
        .into_iter()
        .map(|folder| folder.join("kubectl"));
    let kubectl = kubectl.into_iter().find(|path| path.is_file());
    candidates.extend(kubectl.map(|path| candidate("kubectl --help", &path, "--help")));
    let rows = interleaved(candidates, ROUNDS)?;
    Ok(Section {
        title: "Start-up".to_owned(),
        findings: findings(&rows),
        rows,
        circumstances: machine::circumstances(checkout)?,
    })
}

fn candidate(label: &str, program: &Path, argument: &'static str) -> Candidate<'static> {
    let program = program.to_owned();
    Candidate {
        label: label.to_owned(),
        run: Box::new(move || child::output(Command::new(&program).arg(argument)).map(drop)),
    }
}

fn findings(rows: &[Measured]) -> Vec<String> {
    let verdict = |met: bool| if met { "met" } else { "missed" };
    let mut findings = Vec::new();
    if let [version, help, rest @ ..] = rows {
        let met = verdict(version.median <= VERSION_GOAL);
        findings.push(format!("`--version` within {VERSION_GOAL:?}: {met}."));
        findings.push(match rest.first() {
            None => "no kubectl on this machine to compare `--help` with.".to_owned(),
            Some(kubectl) => {
                let share = help.median.as_secs_f64() / kubectl.median.as_secs_f64();
                let met = verdict(share <= HELP_GOAL);
                format!("`--help` takes {share:.2} of kubectl's; the goal is {HELP_GOAL}: {met}.")
            }
        });
    }
    findings
}
