//! `opsctl/cli/benches/measure`: what opsctl does on the way of an operation, done alone.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{checkout::Checkout, machine::child};

/// The program, built.
pub struct Alone(PathBuf);

impl Alone {
    /// Builds it, optimised.
    pub fn build(checkout: &Checkout) -> Result<Self> {
        build(checkout, "opsctl", "measure").map(Self)
    }

    /// Runs it; its line of JSON.
    pub fn run(&self, words: &[&str]) -> Result<Value> {
        let text = child::output(Command::new(&self.0).args(words))?;
        Ok(serde_json::from_slice(&text)?)
    }
}

/// Builds a program among a package's benchmarks; cargo says where it lies.
pub fn build(checkout: &Checkout, package: &str, name: &str) -> Result<PathBuf> {
    let mut build = checkout.cargo(["bench", "--quiet", "--locked", "--package", package]);
    build.args(["--bench", name, "--no-run", "--message-format", "json"]);
    let said = child::output(&mut build)?;
    let built = said
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|line| line["target"]["name"] == name)
        .find_map(|line| line["executable"].as_str().map(PathBuf::from));
    built.context("cargo names no program")
}
