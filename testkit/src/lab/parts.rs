//! The parts of a lab: each is started once, and may be ended, held still and started again while the others go on.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};

use super::namespace::child_of;
use super::waiting::until;
use crate::leash::{Ending, Leash};

/// One program of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Keeps what the API server is told.
    Etcd,
    /// The API.
    ApiServer,
    /// kube-controller-manager.
    Controllers,
    /// Chooses the node of a pod.
    Scheduler,
    /// Runs containers.
    Containerd,
    /// Runs pods.
    Kubelet,
    /// Leads services to pods.
    Proxy,
    /// CoreDNS.
    Dns,
    /// metrics-server.
    Metrics,
    /// The registry that is open to everybody.
    Registry,
    /// The one that asks for a password.
    PrivateRegistry,
}

impl Part {
    /// What is waited for once everything is started, the slowest last.
    pub(super) const WAITED_FOR: [Self; 6] = [
        Self::Controllers,
        Self::Registry,
        Self::PrivateRegistry,
        Self::Dns,
        Self::Kubelet,
        Self::Metrics,
    ];

    /// Whether its process is one among the lab's own, behind one of this machine that waits for it.
    const fn is_inside(self) -> bool {
        matches!(self, Self::Containerd | Self::Kubelet | Self::Proxy)
    }

    /// The process that does the work.
    fn process(self, leash: &Leash) -> Result<u32> {
        if self.is_inside() {
            return child_of(leash.pid());
        }
        Ok(leash.pid())
    }

    /// What its folder is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::Controllers => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Containerd => "containerd",
            Self::Kubelet => "kubelet",
            Self::Proxy => "kube-proxy",
            Self::Dns => "coredns",
            Self::Metrics => "metrics-server",
            Self::Registry => "registry",
            Self::PrivateRegistry => "private-registry",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A part with the command that starts it again; without a leash while it is ended on purpose.
#[derive(Debug)]
struct Started {
    command: Command,
    leash: Option<Leash>,
}

/// All that were started, each in a folder of its own below this one.
#[derive(Debug)]
pub struct Parts {
    folder: PathBuf,
    started: Mutex<BTreeMap<Part, Started>>,
}

impl Parts {
    /// None yet.
    pub fn below(folder: PathBuf) -> Self {
        Self {
            folder,
            started: Mutex::default(),
        }
    }

    /// Where the part may keep things; it goes when the part does.
    pub fn folder(&self, part: Part) -> PathBuf {
        self.folder.join(part.name())
    }

    /// Starts a part, and returns as soon as its process exists.
    pub fn launch(&self, part: Part, command: Command) -> Result<()> {
        let leash = Some(self.leash(part, &command)?);
        self.all().insert(part, Started { command, leash });
        Ok(())
    }

    /// Ends a part on purpose.
    pub fn stop(&self, part: Part, ending: Ending) -> Result<()> {
        let leash = self.with(part, |started| Ok(started.leash.take()))?;
        let leash = leash.with_context(|| format!("{part} is stopped"))?;
        if ending == Ending::Orderly {
            signal(part.process(&leash)?, "TERM")?;
            until(&format!("{part} has ended"), || Ok(!leash.is_running()))?;
        }
        leash.end(ending)
    }

    /// Starts a part again that was ended on purpose, with what it has kept.
    pub fn start_again(&self, part: Part) -> Result<()> {
        self.with(part, |started| {
            ensure!(started.leash.is_none(), "{part} is running");
            started.leash = Some(self.leash(part, &started.command)?);
            Ok(())
        })
    }

    /// Sends a part a signal.
    pub fn signal(&self, part: Part, name: &str) -> Result<()> {
        self.with(part, |started| {
            let leash = started.leash.as_ref();
            leash
                .with_context(|| format!("{part} is stopped"))?
                .signal(name)
        })
    }

    /// What a part has said so far.
    pub fn log(&self, part: Part) -> String {
        fs::read_to_string(self.folder(part).join("server.log")).unwrap_or_default()
    }

    /// Whether the part belongs to this lab.
    pub fn contain(&self, part: Part) -> bool {
        self.all().contains_key(&part)
    }

    /// Those that ended although nobody wanted it.
    pub fn fallen(&self) -> Vec<Part> {
        let all = self.all();
        let fallen = all.iter().filter(|(_, started)| {
            let leash = started.leash.as_ref();
            leash.is_some_and(|leash| !leash.is_running())
        });
        fallen.map(|(part, _)| *part).collect()
    }

    /// Waits until a part answers; says what it said last where it does not.
    pub fn wait_for(&self, part: Part, ready: impl Fn() -> Result<bool>) -> Result<()> {
        let waited = until(&format!("{part} is ready"), || {
            ensure!(!self.fallen().contains(&part), "{part} ended");
            ready()
        });
        waited.with_context(|| {
            let log = self.log(part);
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
        })
    }

    fn leash(&self, part: Part, command: &Command) -> Result<Leash> {
        let folder = self.folder(part);
        fs::create_dir_all(&folder)?;
        Leash::start(&folder, command)
    }

    fn with<T>(&self, part: Part, work: impl FnOnce(&mut Started) -> Result<T>) -> Result<T> {
        let mut all = self.all();
        let started = all.get_mut(&part);
        work(started.with_context(|| format!("this lab has no {part}"))?)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Part, Started>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn signal(process: u32, name: &str) -> Result<()> {
    let mut kill = Command::new("/bin/kill");
    let sent = kill
        .args([&format!("-{name}"), &process.to_string()])
        .status()?;
    ensure!(sent.success(), "the process is gone");
    Ok(())
}
