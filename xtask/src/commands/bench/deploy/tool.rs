//! The programs that deploy, and what one run of them took: by the clock, in requests, in memory.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use testkit::lab::Lab;

use crate::commands::bench::watched::watched;
use crate::machine::child;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    Opsctl,
    Kubectl,
    Helm,
}

impl Tool {
    pub const ALL: [Self; 3] = [Self::Opsctl, Self::Kubectl, Self::Helm];

    /// The namespace of its objects.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Opsctl => "by-opsctl",
            Self::Kubectl => "by-kubectl",
            Self::Helm => "by-helm",
        }
    }

    /// The beginning of the name under which it speaks to the API server.
    const fn agent(self) -> &'static str {
        match self {
            Self::Opsctl => "opsctl/",
            Self::Kubectl => "kubectl/",
            Self::Helm => "Helm/",
        }
    }
}

/// What it took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ran {
    pub wall: Duration,
    pub requests: usize,
    /// The most that one process held, in KiB.
    pub memory: u64,
    /// When it ended.
    pub ended: Option<Instant>,
}

/// Whether a run may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Success,
    /// `kubectl diff` ends with 1 when it finds something, and a bad release is to fail.
    Either,
}

/// Runs commands one after another, and counts what the tool asked meanwhile.
pub fn run(lab: &Lab, tool: Tool, commands: Vec<Command>, expected: Expected) -> Result<Ran> {
    let before = lab.asked_by(tool.agent())?.len();
    let mut ran = Ran::default();
    for mut command in commands {
        let seen = watched(&mut command)?;
        let told = child::told(&command);
        ensure!(
            seen.status.success() || expected == Expected::Either,
            "{told}: {}: {}",
            seen.status,
            seen.said
        );
        ran.wall += seen.wall;
        ran.memory = ran.memory.max(seen.memory);
    }
    ran.ended = Some(Instant::now());
    // What was still being watched is on record once the server has noticed the end.
    thread::sleep(Duration::from_millis(300));
    ran.requests = lab.asked_by(tool.agent())?.len() - before;
    Ok(ran)
}
