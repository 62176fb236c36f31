//! A server on a core of its own, whose processor time and memory are read from `/proc`.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::machine::child;

/// The measured server has this core; clients and the servers behind it have the other.
const CORE: &str = "0";
/// Ticks a second in `/proc`, as Linux promises them to programs.
const TICKS_A_SECOND: u32 = 100;
/// Longer than any of them takes to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a server runs.
#[derive(Debug, Clone, Copy)]
pub enum Cores {
    /// On one core that clients keep off.
    Own,
    /// Wherever there is room.
    Shared,
}

/// A running server; it ends with this value.
pub struct Pinned {
    child: Child,
    /// `http://host:port`.
    pub url: String,
}

impl Pinned {
    /// Starts `command` with its output in `log`, and waits until `address` finds in it where the server listens.
    pub fn start(
        command: &Command,
        cores: Cores,
        log: &Path,
        address: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let output = File::create(log)?;
        let mut pinned = match cores {
            Cores::Own => Command::new("taskset"),
            Cores::Shared => Command::new("env"),
        };
        if let Cores::Own = cores {
            pinned.args(["-c", CORE]);
        }
        pinned.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => pinned.env(name, value),
                None => pinned.env_remove(name),
            };
        }
        pinned
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let told = child::told(&pinned);
        let child = pinned
            .spawn()
            .with_context(|| format!("cannot start {told}"))?;
        let mut server = Self {
            child,
            url: String::new(),
        };
        server.url = format!("http://{}", server.announced(log, address)?);
        Ok(server)
    }

    fn announced(
        &mut self,
        log: &Path,
        address: impl Fn(&str) -> Option<String>,
    ) -> Result<String> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let said = fs::read_to_string(log)?;
            if let Some(found) = said.lines().find_map(&address) {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("a server ended with {status}: {said}");
            }
            thread::sleep(Duration::from_millis(10));
        }
        bail!("a server did not say where it listens: {}", log.display())
    }

    /// The processor time it took so far, user and system.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(')').context("stat")?.1;
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || fields.next().and_then(|field| field.parse::<u32>().ok());
        let (user, system) = (ticks().context("stat")?, ticks().context("stat")?);
        Ok(Duration::from_secs(1) * (user + system) / TICKS_A_SECOND)
    }

    /// Its resident memory in MiB.
    pub fn resident(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let words = line.context("VmRSS")?.split_whitespace().nth(1);
        Ok(words.context("VmRSS")?.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
