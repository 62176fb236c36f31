//! `app/benches/peers`: handlers that do nothing else, and clients.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::pinned::{Cores, Pinned};
use crate::{checkout::Checkout, commands::bench::alone, machine::child};

/// The program, built.
pub struct Peers(PathBuf);

/// Who asks, and for what.
#[derive(Debug, serde::Deserialize)]
pub struct Visitor {
    /// The id of the one who signed up.
    pub user: String,
    /// The id of a post.
    pub post: String,
    /// What they log in with.
    pub email: String,
    /// What lets them in.
    pub token: String,
}

impl Peers {
    /// Builds it, optimised.
    pub fn build(checkout: &Checkout) -> Result<Self> {
        alone::build(checkout, "app", "peers").map(Self)
    }

    /// Runs it; its line of JSON.
    pub fn run(&self, words: &[&str]) -> Result<Value> {
        let text = child::output(&mut self.command(words))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Runs it beside something else.
    pub fn beside(&self, words: &[&str]) -> Result<Child> {
        Ok(self.command(words).stdout(Stdio::piped()).spawn()?)
    }

    /// Somebody who signed up, logged in and wrote.
    pub fn visitor(&self, url: &str) -> Result<Visitor> {
        Ok(serde_json::from_value(self.run(&["visit", url])?)?)
    }

    /// Handlers that do nothing else.
    pub fn bare(&self, database: &str, log: &std::path::Path) -> Result<Pinned> {
        let command = self.command(&["bare", database]);
        Pinned::start(&command, Cores::Own, log, |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line["address"].as_str().map(str::to_owned)
        })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        command.args(words);
        command
    }
}

/// The line of JSON of a child that runs beside.
pub fn answer(child: Child) -> Result<Value> {
    let output = child.wait_with_output()?;
    serde_json::from_slice(&output.stdout).context("a client beside said nothing")
}
