//! Deploys in turn, round after round: without a change, and with new pods.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::Result;

use super::manifests::workload;
use super::stage::{ONE, Stage};
use super::tool::{Expected, Ran, Tool, run};
use crate::commands::bench::measure::{Candidate, Measured, Took, interleaved};

const ROUNDS: u32 = 5;
/// What stands for the image until a tool is handed its text.
pub const APP: &str = "app:";

/// What came out for one tool.
#[derive(Debug)]
pub struct Row {
    pub tool: Tool,
    pub label: String,
    pub median: Duration,
    pub range: (Duration, Duration),
    /// The median of the runs.
    pub requests: usize,
    /// The most of any run, in KiB.
    pub memory: u64,
}

impl Row {
    /// Of a single run.
    pub fn once(tool: Tool, label: String, ran: &Ran) -> Self {
        Self {
            tool,
            label,
            median: ran.wall,
            range: (ran.wall, ran.wall),
            requests: ran.requests,
            memory: ran.memory,
        }
    }

    pub fn mebibytes(&self) -> f64 {
        f64::from(u32::try_from(self.memory).unwrap_or(u32::MAX)) / 1024.0
    }
}

/// The row of a tool.
pub fn of(rows: &[Row], tool: Tool) -> Option<&Row> {
    rows.iter().find(|row| row.tool == tool)
}

/// Nothing differs from what runs.
pub fn unchanged(stage: &Stage) -> Result<Vec<Row>> {
    stage.furnish_with(ONE, &workload(APP, "unchanged"))?;
    for tool in Tool::ALL {
        run(
            &stage.lab,
            tool,
            stage.deploys(tool, ONE),
            Expected::Success,
        )?;
    }
    rows(
        |tool| {
            let mut commands = stage.deploys(tool, ONE);
            if tool == Tool::Kubectl {
                // Nothing has to be waited for, and somebody looks before they apply.
                commands.truncate(1);
                commands.insert(0, stage.difference(ONE));
            }
            run(&stage.lab, tool, commands, Expected::Success)
        },
        label_unchanged,
    )
}

/// Three pods are replaced, one at a time.
pub fn rolled_out(stage: &Stage) -> Result<Vec<Row>> {
    let mut level = 0;
    rows(
        |tool| {
            level += 1;
            stage.furnish_with(ONE, &workload(APP, &format!("level {level}")))?;
            run(
                &stage.lab,
                tool,
                stage.deploys(tool, ONE),
                Expected::Success,
            )
        },
        label_rolled,
    )
}

fn label_unchanged(tool: Tool) -> &'static str {
    match tool {
        Tool::Opsctl => "no change: opsctl deploy",
        Tool::Kubectl => "no change: kubectl diff, apply",
        Tool::Helm => "no change: helm upgrade --wait",
    }
}

fn label_rolled(tool: Tool) -> &'static str {
    match tool {
        Tool::Opsctl => "three new pods: opsctl deploy",
        Tool::Kubectl => "three new pods: kubectl apply, rollout status",
        Tool::Helm => "three new pods: helm upgrade --wait",
    }
}

fn rows(
    once: impl FnMut(Tool) -> Result<Ran>,
    label: fn(Tool) -> &'static str,
) -> Result<Vec<Row>> {
    let (once, runs) = (RefCell::new(once), RefCell::new(Vec::new()));
    let candidate = |tool| Candidate {
        label: label(tool).to_owned(),
        run: Box::new({
            let (once, runs) = (&once, &runs);
            move || {
                let ran = (once.borrow_mut())(tool)?;
                runs.borrow_mut().push((tool, ran));
                Ok(Took {
                    wall: ran.wall,
                    processor: Duration::ZERO,
                })
            }
        }),
    };
    let measured = interleaved(Tool::ALL.map(candidate).into(), ROUNDS)?;
    let runs = runs.borrow();
    let row = |(tool, measured): (Tool, Measured)| {
        let of_tool = || {
            runs.iter()
                .filter(|(of, _)| *of == tool)
                .skip(1)
                .map(|(_, ran)| ran)
        };
        let mut requests: Vec<usize> = of_tool().map(|ran| ran.requests).collect();
        requests.sort_unstable();
        Row {
            tool,
            label: measured.label,
            median: measured.median,
            range: measured.range,
            requests: requests
                .get(requests.len() / 2)
                .copied()
                .unwrap_or_default(),
            memory: of_tool().map(|ran| ran.memory).max().unwrap_or_default(),
        }
    };
    Ok(Tool::ALL.into_iter().zip(measured).map(row).collect())
}
