//! `opsctl/cli/benches/measure`: what opsctl does on the way of an operation, done alone.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{checkout::Checkout, machine::child};

/// The program, built.
pub struct Alone(PathBuf);

impl Alone {
    /// Builds it, optimised; cargo says where it lies.
    pub fn build(checkout: &Checkout) -> Result<Self> {
        let mut build = checkout.cargo(["bench", "--quiet", "--locked", "--package", "opsctl"]);
        build.args(["--bench", "measure", "--no-run", "--message-format", "json"]);
        let said = child::output(&mut build)?;
        let built = said
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
            .filter(|line| line["target"]["name"] == "measure")
            .find_map(|line| line["executable"].as_str().map(PathBuf::from));
        built.map(Self).context("cargo names no program")
    }

    /// Runs it; its line of JSON.
    pub fn run(&self, words: &[&str]) -> Result<Value> {
        let text = child::output(Command::new(&self.0).args(words))?;
        Ok(serde_json::from_slice(&text)?)
    }
}
