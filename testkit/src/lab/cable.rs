//! A cable between this machine and the network of a lab that runs: this machine has an address at it that pods reach as well, at any port.
//! It is the one thing that changes the machine's own network, and goes when it is taken away or when the lab ends.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::addresses::ends_of_cable;
use super::doors;
use super::namespace::{INSIDE, finish};
use super::registry;

/// Laid until it is dropped.
#[derive(Debug)]
pub struct Cable {
    lab: PathBuf,
    name: String,
    machine: Ipv4Addr,
    node: Ipv4Addr,
}

impl Cable {
    /// Between this machine and the lab in that folder. Who lays several at a time gives them numbers; one of that number that somebody
    /// left behind is taken away.
    ///
    /// # Errors
    /// Where no lab with a node runs in there, or this user may not: it takes root.
    pub fn lay(lab: &Path, number: u8) -> Result<Self> {
        let file = lab.join("namespace").join(INSIDE);
        let inside = fs::read_to_string(&file);
        let inside = inside.with_context(|| format!("no lab with a node: {}", file.display()))?;
        let [machine, there] = ends_of_cable(number);
        let cable = Self {
            lab: lab.to_owned(),
            name: format!("lab-{number}"),
            machine,
            node: there,
        };
        cable.take_away();
        cable.connect(inside.trim(), there)?;
        Ok(cable)
    }

    /// Whether that lab has a network of its own, in which pods run.
    #[must_use]
    pub fn fits(lab: &Path) -> bool {
        lab.join("namespace").join(INSIDE).exists()
    }

    /// Where the lab lies.
    #[must_use]
    pub fn lab(&self) -> &Path {
        &self.lab
    }

    /// What this machine is called by pods, and by itself.
    #[must_use]
    pub fn machine(&self) -> Ipv4Addr {
        self.machine
    }

    /// What this machine calls the node: whoever opens a port of the node is reached there.
    #[must_use]
    pub fn node(&self) -> Ipv4Addr {
        self.node
    }

    /// Lets pods reach a port of this machine's loopback too, at the same port of [`Cable::machine`].
    ///
    /// # Errors
    /// When that port is taken.
    pub fn lead(&self, port: u16) -> Result<()> {
        doors::between((self.machine, port), port)
    }

    /// Tells the node that images of the registry at that port of this machine's loopback are had over the cable, and what lets it in.
    ///
    /// # Errors
    /// When the node's folder can't be written.
    pub fn introduce(&self, port: u16, authorization: &str) -> Result<()> {
        let server = format!("http://{}:{port}", self.machine);
        let hosts = registry::hosts_showing(&server, authorization);
        registry::introduce(&self.lab.join("node"), &format!("127.0.0.1:{port}"), &hosts)
    }

    fn connect(&self, inside: &str, there: Ipv4Addr) -> Result<()> {
        let Self { name, machine, .. } = self;
        ip(&format!(
            "link add {name} type veth peer name {name} netns {inside}"
        ))?;
        ip(&format!("addr add {machine} peer {there} dev {name}"))?;
        ip(&format!("link set {name} up"))?;
        let within = |words: String| {
            let mut command = Command::new("nsenter");
            command.arg(format!("--net=/proc/{inside}/ns/net"));
            command.args(["--", "ip"]).args(words.split(' '));
            finish(&mut command).map(drop)
        };
        within(format!("addr add {there} peer {machine} dev {name}"))?;
        within(format!("link set {name} up"))
    }

    /// One end takes the other with it.
    fn take_away(&self) {
        let _absent = ip(&format!("link delete {}", self.name));
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.take_away();
    }
}

fn ip(words: &str) -> Result<String> {
    finish(Command::new("ip").args(words.split(' ')))
}
