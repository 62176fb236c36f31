//! A cluster of three masters that share the slots.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Redis, find, server::wait_until};

/// Three masters; they end together.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Starts them and waits until every slot has its master.
    ///
    /// # Errors
    /// As [`Redis::start`], or when they do not come to agree.
    pub fn start() -> Result<Self> {
        let settings = [("cluster-enabled", "yes"), ("cluster-node-timeout", "2000")];
        let nodes: Vec<Redis> = (0..3)
            .map(|_| Redis::start_with(&settings))
            .collect::<Result<_>>()?;
        let addresses = nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()));
        let output = Command::new(find()?.client())
            .args(["--cluster", "create"])
            .args(addresses)
            .args(["--cluster-yes"])
            .output()
            .context("run redis-cli")?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "the cluster was not created: {said}"
        );
        for node in &nodes {
            let agrees = || {
                Ok(node
                    .execute(&["CLUSTER", "INFO"])?
                    .contains("cluster_state:ok"))
            };
            wait_until("the cluster agrees", agrees)?;
        }
        Ok(Self { nodes })
    }

    /// Where each master is.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// The masters.
    pub fn nodes(&mut self) -> &mut [Redis] {
        &mut self.nodes
    }
}
