//! The service, as the benchmarks start it: every limit above what one client can ask for, everything else as it comes.

use std::{path::Path, process::Command};

use anyhow::Result;
use serde_json::Value;

use super::pinned::{Cores, Pinned};

/// What one service is started with.
pub struct Service<'a> {
    /// The program.
    pub program: &'a Path,
    /// On which cores.
    pub cores: Cores,
    /// Its variables.
    pub settings: Vec<(&'static str, String)>,
}

impl Service<'_> {
    /// Starts it; it listens when this returns.
    pub fn start(&self, log: &Path) -> Result<Pinned> {
        let mut command = Command::new(self.program);
        command.args(["--role", "all"]);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        Pinned::start(&command, self.cores, log, address)
    }
}

/// From the first line of its log.
fn address(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    line["address"].as_str().map(str::to_owned)
}
