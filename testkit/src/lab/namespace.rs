//! The network, processes and mounts of one lab, apart from the machine's own. One process holds them; when it ends, the kernel
//! ends every other one in there.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::addresses::{NODE, SERVICES};
use super::waiting::until;
use crate::leash::Leash;

/// Keeps what the parts write at fixed places off the machine, and takes away whom nobody waits for.
const HOLD: &str = "
for place in /run /var/log /var/lib/cni /var/lib/kubelet; do
    mkdir -p $place && mount -t tmpfs tmpfs $place || exit 1
done
echo held
while :; do sleep 1; done";

/// The file that says which process is in there, for others of this machine.
pub const INSIDE: &str = "inside";

/// Held while this value lives.
#[derive(Debug)]
pub struct Namespace {
    /// Holds them.
    _leash: Leash,
    inside: u32,
}

impl Namespace {
    /// A new one, with the node's address and a way to services and pods.
    ///
    /// # Errors
    /// Where this user may not: it takes root.
    pub fn create(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mut holder = Command::new("unshare");
        holder.args(["--net", "--mount", "--pid", "--fork", "--kill-child"]);
        holder.args(["--mount-proc", "/bin/sh", "-c", HOLD]);
        let leash = Leash::start(folder, &holder)?;
        until("the namespaces are held", || {
            ensure!(leash.is_running(), "{}", leash.log());
            Ok(leash.log().contains("held"))
        })?;
        let inside = child_of(leash.pid())?;
        fs::write(folder.join(INSIDE), inside.to_string())?;
        let namespace = Self {
            _leash: leash,
            inside,
        };
        namespace.lay_cables()?;
        Ok(namespace)
    }

    /// A program in its network alone.
    pub fn beside(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.inside));
        command.arg("--").arg(program);
        command
    }

    /// A program among its processes and mounts too.
    pub fn inside(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.inside.to_string());
        command.args(["--net", "--mount", "--pid", "--"]);
        command.arg(program);
        command
    }

    /// Runs a program beside the cluster to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        finish(self.beside(Path::new(program)).args(arguments))
    }

    /// A connection to a port of the node.
    pub fn connect(&self, port: u16) -> Result<TcpStream> {
        self.within(|| Ok(TcpStream::connect((NODE, port))?))
    }

    /// A port of the node that this process listens on.
    pub fn listen(&self, port: u16) -> Result<TcpListener> {
        self.within(|| Ok(TcpListener::bind((NODE, port))?))
    }

    /// On a thread that has gone there; a socket stays where it was made.
    fn within<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let network = File::open(format!("/proc/{}/ns/net", self.inside))?;
        std::thread::scope(|scope| {
            let there = scope.spawn(move || {
                move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
                work()
            });
            there
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("the thread inside the lab panicked")))
        })
    }

    fn lay_cables(&self) -> Result<()> {
        // Other kinds of interface are not known to every kernel; a bridge is, the pods need one too.
        let node = format!("{NODE}/32");
        for words in [
            "link set lo up",
            "link add node0 type bridge",
            &format!("addr add {node} dev node0"),
            "link set node0 up",
            &format!("route add {SERVICES} dev node0"),
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            self.run("ip", &words)?;
        }
        let sh = Path::new("/bin/sh");
        finish(
            self.inside(sh)
                .args(["-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]),
        )?;
        Ok(())
    }
}

/// The first process that another one has started.
pub fn child_of(process: u32) -> Result<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let first = children.split_whitespace().next();
    first
        .context("it has started no process")?
        .parse()
        .context("the number of a process")
}

/// Runs it to its end; what it said.
pub fn finish(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
