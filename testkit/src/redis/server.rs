//! The running server as tests see it.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use super::{RedisBinaries, find};
use crate::{
    certificates::Issued,
    leash::{Ending, Leash},
    ports::free_port,
};

/// How long a start may take on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A Redis server that belongs to one test. Dropping it ends the server and removes its folder; so does the death of the test.
#[derive(Debug)]
pub struct Redis {
    binaries: RedisBinaries,
    folder: PathBuf,
    settings: Vec<String>,
    encrypted: bool,
    port: u16,
    leash: Option<Leash>,
}

impl Redis {
    /// Starts an empty server that writes nothing to disk.
    ///
    /// # Errors
    /// Says what to install where Redis is missing, and shows the log where it doesn't start.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with settings, such as `("appendonly", "yes")`.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_with(settings: &[(&str, &str)]) -> Result<Self> {
        let mut server = Self::prepare(settings)?;
        server.launch()?;
        Ok(server)
    }

    /// Starts a server that speaks TLS alone, with a certificate for `localhost`.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_encrypted(certificate: &Issued) -> Result<Self> {
        let mut server = Self::prepare(&[("tls-auth-clients", "no")])?;
        certificate.write(&server.folder)?;
        server.encrypted = true;
        server.launch()?;
        Ok(server)
    }

    fn prepare(settings: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("testkit-redis-")
            .tempdir()?
            .keep();
        let settings = settings
            .iter()
            .flat_map(|(name, value)| [format!("--{name}"), (*value).to_owned()]);
        Ok(Self {
            binaries: find()?,
            folder,
            settings: settings.collect(),
            encrypted: false,
            port: 0,
            leash: None,
        })
    }

    /// Starts a replica of another server and waits until it follows.
    ///
    /// # Errors
    /// As [`Redis::start`], or when it does not come to follow.
    pub fn start_replica_of(primary: &Self) -> Result<Self> {
        let address = format!("127.0.0.1 {}", primary.port);
        let replica =
            Self::start_with(&[("replicaof", &address), ("repl-diskless-sync-delay", "0")])?;
        let follows = || {
            Ok(replica
                .execute(&["INFO", "replication"])?
                .contains("master_link_status:up"))
        };
        wait_until("the replica follows", follows)?;
        Ok(replica)
    }

    /// `redis://127.0.0.1:port`, or `rediss://localhost:port`.
    #[must_use]
    pub fn url(&self) -> String {
        match self.encrypted {
            true => format!("rediss://localhost:{}", self.port),
            false => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs a command; what `redis-cli` prints of the answer.
    ///
    /// # Errors
    /// With the server's message when it refuses, or when it does not answer.
    pub fn execute(&self, words: &[&str]) -> Result<String> {
        let mut client = Command::new(self.binaries.client());
        if self.encrypted {
            // Whether it can be trusted is for others to find out.
            client.args(["--tls", "--insecure"]);
        }
        let output = client
            .args(["-e", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .args(words)
            .output()
            .context("run redis-cli")?;
        let said = String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{}: {said}{errors}",
            words.join(" ")
        );
        Ok(said)
    }

    /// Ends the server; `start_again` brings it back on the same port.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn stop(&mut self, ending: Ending) -> Result<()> {
        self.leash.take().map_or(Ok(()), |leash| leash.end(ending))
    }

    /// Starts a stopped server on the same port; without persistence it is empty.
    ///
    /// # Errors
    /// When it still runs or doesn't come up.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.leash.is_none(), "the server is running");
        self.launch()
    }

    /// Makes the server hang, connections open and no answer, or go on.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn hang(&self, hangs: bool) -> Result<()> {
        let leash = self.leash.as_ref().context("the server is stopped")?;
        leash.signal(if hangs { "STOP" } else { "CONT" })
    }

    /// Starts until it runs: a port that was free may be taken by others.
    fn launch(&mut self) -> Result<()> {
        let keeps_port = self.port != 0;
        let began = Instant::now();
        loop {
            if !keeps_port {
                self.port = free_port()?;
            }
            let leash = Leash::start(&self.folder, &self.command())?;
            while leash.is_running() && began.elapsed() < START_LIMIT {
                if self.execute(&["PING"]).is_ok_and(|answer| answer == "PONG") {
                    self.leash = Some(leash);
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            let log = leash.log();
            leash.end(Ending::Crash)?;
            let taken = log.contains("Address already in use");
            ensure!(
                taken && began.elapsed() < START_LIMIT,
                "Redis does not start: {log}"
            );
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.binaries.server());
        let port = self.port.to_string();
        command.args(["--bind", "127.0.0.1"]);
        if self.encrypted {
            command.args(["--port", "0", "--tls-port", &port]);
            let file = |name| self.folder.join(name);
            command.arg("--tls-cert-file").arg(file("tls.crt"));
            command.arg("--tls-key-file").arg(file("tls.key"));
        } else {
            command.args(["--port", &port]);
        }
        command.args(["--save", "", "--appendonly", "no", "--dir"]);
        command.arg(&self.folder).args(&self.settings);
        command
    }
}

impl Drop for Redis {
    /// Where the server runs, its leash removes the folder; a stopped one leaves that to us.
    fn drop(&mut self) {
        match self.leash.take() {
            // One that hangs can be killed, too.
            Some(leash) => drop(leash),
            None => drop(fs::remove_dir_all(&self.folder)),
        }
    }
}

/// Asks until it holds.
pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < START_LIMIT {
        if holds()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("it did not come to be that {what}")
}
