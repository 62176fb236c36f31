//! The programs that deploy, and what one run of them took: by the clock, in requests, in memory.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use testkit::lab::Lab;

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
        let (wall, memory, status, said) = watched(&mut command)?;
        let told = child::told(&command);
        ensure!(
            status.success() || expected == Expected::Either,
            "{told}: {status}: {said}"
        );
        ran.wall += wall;
        ran.memory = ran.memory.max(memory);
    }
    ran.ended = Some(Instant::now());
    // What was still being watched is on record once the server has noticed the end.
    thread::sleep(Duration::from_millis(300));
    ran.requests = lab.asked_by(tool.agent())?.len() - before;
    Ok(ran)
}

fn watched(command: &mut Command) -> Result<(Duration, u64, ExitStatus, String)> {
    let mut output = tempfile()?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?);
    let began = Instant::now();
    let mut running = command.stderr(output.try_clone()?).spawn()?;
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(running.id()).unwrap_or(0));
        if let Some(status) = running.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let wall = began.elapsed();
    let mut said = String::new();
    output.rewind()?;
    output.read_to_string(&mut said)?;
    Ok((wall, memory, status, said))
}

/// The most that a process has held so far, in KiB.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn tempfile() -> Result<File> {
    let folder = testkit::files::TempDir::new()?;
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    Ok(options.open(folder.path().join("output"))?)
}
