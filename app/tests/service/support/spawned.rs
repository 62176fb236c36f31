//! The service in a process of its own, as operators start it.

use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use super::{Client, variables};

/// A running process; killed when dropped.
pub struct Spawned {
    pub child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Spawned {
    pub fn start(arguments: &[&str], pairs: &[(&str, &str)]) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_app"))
            .args(arguments)
            .env_clear()
            .envs(variables(pairs))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stderr = child.stderr.take().context("stderr was asked for")?;
        Ok(Self {
            child,
            log: BufReader::new(stderr).lines(),
        })
    }

    /// The next line of its log; every one must be JSON.
    pub async fn line(&mut self) -> Result<Option<Value>> {
        let line = self.log.next_line().await?;
        line.map(|line| serde_json::from_str(&line).with_context(|| line.clone()))
            .transpose()
    }

    /// Where it listens, as soon as it says so. What else works beside the start may have had something to say before.
    pub async fn address(&mut self) -> Result<std::net::SocketAddr> {
        let mut before = Vec::new();
        loop {
            let line = self.line().await?;
            let line = line.with_context(|| format!("it ended: {before:?}"))?;
            if let Some(address) = line["address"].as_str() {
                return Ok(address.parse()?);
            }
            before.push(line);
        }
    }

    /// A client, as soon as the process says where it listens.
    pub async fn client(&mut self) -> Result<Client> {
        Ok(Client::new(self.address().await?))
    }

    pub fn signal(&self, signal: &str) -> Result<()> {
        let pid = self.child.id().context("it has ended")?.to_string();
        let status = std::process::Command::new("kill")
            .args([signal, &pid])
            .status()?;
        anyhow::ensure!(status.success(), "kill {signal} {pid}");
        Ok(())
    }

    /// Its remaining log and its end.
    pub async fn end(mut self) -> Result<(ExitStatus, Vec<Value>)> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await? {
            lines.push(line);
        }
        Ok((self.child.wait().await?, lines))
    }
}
