//! Waits until every living process has applied what the descriptor says; names those that have not.

use std::time::Duration;

use crate::engine::{Interrupt, StopReason};
use crate::failure::{Failure, FailureKind, Result};
use crate::ports::{ProcessReport, World};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// What is waited for.
pub struct Wanted<'a> {
    /// What every process must have done, in words: "stop writing".
    pub what: &'a str,
    /// True when a process has done it.
    pub done: &'a (dyn Fn(&ProcessReport) -> bool + Send + Sync),
    /// How long it may take.
    pub within: Duration,
}

/// Waits for all; returns who acknowledged.
///
/// # Errors
/// Names the laggards when time is up; [`FailureKind::Stopped`] when somebody asked to stop.
pub async fn all(
    world: &World,
    interrupt: &Interrupt,
    wanted: &Wanted<'_>,
) -> Result<Vec<ProcessReport>> {
    let begun = tokio::time::Instant::now();
    loop {
        let processes = world.application.processes().await?;
        let laggards: Vec<&ProcessReport> = processes
            .iter()
            .filter(|process| !(wanted.done)(process))
            .collect();
        if laggards.is_empty() {
            return Ok(processes);
        }
        if let Some(reason) = interrupt.requested() {
            return Err(stopped(wanted.what, &reason));
        }
        if begun.elapsed() >= wanted.within {
            return Err(late(wanted, &laggards));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn stopped(what: &str, reason: &StopReason) -> Failure {
    let what = format!("stopped while waiting for every process to {what}");
    Failure::new(FailureKind::Stopped, what).cause(reason.to_string())
}

fn late(wanted: &Wanted<'_>, laggards: &[&ProcessReport]) -> Failure {
    let (count, what) = (laggards.len(), wanted.what);
    let within = crate::environment::Span(wanted.within);
    let mut failure = Failure::failed(format!(
        "{count} process(es) did not {what} within {within}"
    ));
    failure.causes = laggards
        .iter()
        .map(|process| {
            format!(
                "process {} (pid {}, role {}, {}) is at generation {}, mode {}, lineage {}",
                process.process_id,
                process.pid,
                process.role,
                process.address,
                process.generation,
                process.mode.as_str(),
                process.lineage_id
            )
        })
        .collect();
    failure.hint("look at their logs; end a process that hangs, then try again")
}
