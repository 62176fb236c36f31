//! The programs that the lab is made of, wherever they are, and so what kind of cluster this machine can run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::environment;

/// Parts of Kubernetes that one program answers to.
pub const OF_KUBERNETES: [&str; 7] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
    "kubectl",
];
/// What else is built: the container that holds each pod together, and what stands beside Kubernetes in a cluster.
pub const OF_OTHERS: [&str; 4] = ["pause", "coredns", "metrics-server", "registry"];
/// What Debian brings, and the package that does.
pub const OF_DEBIAN: [(&str, &str); 6] = [
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("conntrack", "conntrack"),
    ("iptables", "iptables"),
    ("ip", "iproute2"),
];
/// Where Debian keeps the programs that give a pod its network.
pub const NETWORK_PLUGINS: &str = "/usr/lib/cni";
/// Without these there is no cluster at all.
const CORE: [&str; 3] = ["etcd", "kube-apiserver", "kubectl"];
/// Names a folder with a control plane that somebody else made.
const READY_MADE: &str = "KUBEBUILDER_ASSETS";

/// What kind of cluster a lab is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Pods run.
    Node,
    /// The API answers and, where there are controllers, they work; no pod ever runs.
    ControlPlane,
}

/// Where they are looked for.
#[derive(Debug, Clone)]
pub struct Programs {
    folders: Vec<PathBuf>,
}

/// Where `cargo xtask lab` builds them.
#[must_use]
pub fn tools_folder() -> PathBuf {
    environment::folder("LAB_BIN").unwrap_or_else(|| environment::tools().join("lab"))
}

impl Shape {
    /// The most that this machine can run.
    ///
    /// # Errors
    /// Names the first thing that is missing and what brings it.
    pub fn of_this_machine() -> Result<Self> {
        let Err(no_node) = Self::Node.check() else {
            return Ok(Self::Node);
        };
        let without = Self::ControlPlane.check();
        without.map(|()| Self::ControlPlane).map_err(|_| {
            let core = CORE.join(", ");
            let hint = format!("one without a node takes {READY_MADE} and in it {core}");
            no_node.context(format!("no cluster can run here ({hint})"))
        })
    }

    /// Whether this machine can run such a cluster.
    ///
    /// # Errors
    /// Names the first thing that is missing and what brings it.
    pub fn check(self) -> Result<()> {
        Programs::for_shape(self).map(|_| ())
    }
}

impl Programs {
    /// Looks for everything that such a cluster needs.
    ///
    /// # Errors
    /// Names the first that is missing and what brings it.
    pub fn for_shape(shape: Shape) -> Result<Self> {
        let ready_made = (shape == Shape::ControlPlane).then(|| environment::folder(READY_MADE));
        let programs = Self {
            folders: ready_made
                .flatten()
                .into_iter()
                .chain([tools_folder()])
                .collect(),
        };
        for name in CORE {
            programs.find(name)?;
        }
        if shape == Shape::ControlPlane {
            return Ok(programs);
        }
        ensure!(
            rustix::process::geteuid().is_root(),
            "a node takes root: sudo -E"
        );
        for name in OF_KUBERNETES.into_iter().chain(OF_OTHERS) {
            programs.find(name)?;
        }
        for (name, package) in OF_DEBIAN {
            on_path(name)
                .with_context(|| format!("{name} is missing: apt-get install {package}"))?;
        }
        Ok(programs)
    }

    /// One that was built or is ready-made.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, name: &str) -> Result<PathBuf> {
        let mut paths = self.folders.iter().map(|folder| folder.join(name));
        let found = paths.find(|path| path.is_file());
        found.with_context(|| format!("{name} is missing: run `cargo xtask lab up` once"))
    }
}

/// The client that was built or is ready-made.
///
/// # Errors
/// When there is none.
pub fn kubectl() -> Result<PathBuf> {
    Programs::for_shape(Shape::ControlPlane)?.find("kubectl")
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = environment::search_path().into_iter();
    let mut paths = folders.map(|folder: PathBuf| folder.join(name));
    paths.find(|path: &PathBuf| Path::is_file(path))
}
