//! On what the figures were measured.

use std::{fs, process::Command};

use anyhow::Result;

use crate::{checkout::Checkout, machine::child};

/// Cores, processor, memory, system, compiler, commit and day, in one sentence.
pub fn circumstances(checkout: &Checkout) -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let processor = line_of("/proc/cpuinfo", "model name").unwrap_or_default();
    let memory = line_of("/proc/meminfo", "MemTotal").unwrap_or_default();
    let system = told(Command::new("uname").arg("-sr"))?;
    let compiler = told(
        Command::new("rustc")
            .arg("--version")
            .current_dir(&checkout.root),
    )?;
    let commit = told(&mut checkout.git(["rev-parse", "--short", "HEAD"]))?;
    let day = told(Command::new("date").args(["-u", "+%F"]))?;
    Ok(format!(
        "{cores} cores of {processor}, {memory}; {system}; {compiler}; commit {commit}; {day}."
    ))
}

fn told(command: &mut Command) -> Result<String> {
    let text = child::output(command)?;
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

/// What stands behind the colon.
fn line_of(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
