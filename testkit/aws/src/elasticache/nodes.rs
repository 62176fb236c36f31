//! The real servers of a group: one is the primary, the others follow it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testkit::{Redis, leash::Ending};

/// How long following may take on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Nodes {
    servers: Vec<Redis>,
    primary: usize,
    /// The one that was killed and does not follow yet.
    down: Option<usize>,
}

pub(super) fn locked(nodes: &Mutex<Nodes>) -> MutexGuard<'_, Nodes> {
    nodes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Nodes {
    /// A primary and so many that follow it.
    pub fn start(count: usize) -> Result<Self> {
        let mut servers = vec![Redis::start()?];
        for _ in 1..count {
            let primary = servers.first().context("there is no primary")?;
            servers.push(Redis::start_replica_of(primary)?);
        }
        Ok(Self {
            servers,
            primary: 0,
            down: None,
        })
    }

    pub fn primary(&self) -> usize {
        self.primary
    }

    /// Where a node listens; nowhere while it is down.
    pub fn port(&self, number: usize) -> Option<u16> {
        let server = self.servers.get(number);
        server
            .filter(|_| self.down != Some(number))
            .map(Redis::port)
    }

    /// Where one may be read from: a replica, or the primary where there is none.
    pub fn readable(&self) -> Option<u16> {
        let replicas = (0..self.servers.len()).filter(|it| *it != self.primary);
        let mut ports = replicas.filter_map(|number| self.port(number));
        ports.next().or_else(|| self.port(self.primary))
    }

    /// Kills the primary and promotes the replica that has most of it. What was not there yet is lost, as with every Redis.
    pub fn fail_over(&mut self) -> Result<()> {
        let before = self.primary;
        let next = self.most_of_it()?;
        let server = self.servers.get_mut(before).context("no primary")?;
        server.stop(Ending::Crash)?;
        self.down = Some(before);
        self.primary = next;
        self.execute(next, &["REPLICAOF", "NO", "ONE"])?;
        let port = self.port(next).context("no new primary")?.to_string();
        for number in (0..self.servers.len()).filter(|it| ![before, next].contains(it)) {
            self.execute(number, &["REPLICAOF", "127.0.0.1", &port])?;
        }
        Ok(())
    }

    /// Brings back the one that was killed, empty, and lets it follow.
    pub fn recover(&mut self) -> Result<()> {
        let Some(number) = self.down else {
            return Ok(());
        };
        let port = self.port(self.primary).context("no primary")?.to_string();
        let server = self.servers.get_mut(number).context("no such node")?;
        server.start_again()?;
        self.execute(number, &["REPLICAOF", "127.0.0.1", &port])?;
        let began = Instant::now();
        while !self.tells(number)?.contains("master_link_status:up") {
            if began.elapsed() > LIMIT {
                bail!("node {number} does not come to follow");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.down = None;
        Ok(())
    }

    fn most_of_it(&self) -> Result<usize> {
        let mut best = None;
        for number in (0..self.servers.len()).filter(|it| *it != self.primary) {
            let told = self.tells(number)?;
            let offset = told
                .lines()
                .find_map(|line| line.trim().strip_prefix("slave_repl_offset:"));
            let offset: u64 = offset.and_then(|text| text.parse().ok()).unwrap_or(0);
            if best.is_none_or(|(_, most)| offset > most) {
                best = Some((number, offset));
            }
        }
        best.map(|(number, _)| number)
            .context("there is no replica")
    }

    fn tells(&self, number: usize) -> Result<String> {
        self.execute(number, &["INFO", "replication"])
    }

    fn execute(&self, number: usize, words: &[&str]) -> Result<String> {
        let server = self.servers.get(number).context("no such node")?;
        server.execute(words)
    }
}
