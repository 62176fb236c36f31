//! One run of a program as a whole: how long, how much memory, how it ended and what it said.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// What was seen of it.
#[derive(Debug)]
pub struct Seen {
    pub wall: Duration,
    /// The most that it held, in KiB.
    pub memory: u64,
    pub status: ExitStatus,
    /// What it wrote, to either of its outputs.
    pub said: String,
}

/// Runs it to its end; nothing is typed for it.
pub fn watched(command: &mut Command) -> Result<Seen> {
    let mut output = file()?;
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
    Ok(Seen {
        wall,
        memory,
        status,
        said,
    })
}

/// The most that a process has held so far, in KiB.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Without a name: it goes with whoever holds it.
fn file() -> Result<File> {
    let folder = testkit::files::TempDir::new()?;
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    Ok(options.open(folder.path().join("output"))?)
}
