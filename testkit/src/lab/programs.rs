//! The programs that the lab is made of, wherever they are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

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
/// What else is built: the container that holds each pod together.
pub const PAUSE: &str = "pause";
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

/// Where they are looked for.
#[derive(Debug, Clone)]
pub struct Programs {
    built: PathBuf,
}

/// Where `cargo xtask lab` builds them.
#[must_use]
pub fn tools_folder() -> PathBuf {
    environment::folder("LAB_BIN").unwrap_or_else(|| environment::tools().join("lab"))
}

impl Programs {
    /// Looks for everything that a cluster with a node needs.
    ///
    /// # Errors
    /// Names the first that is missing and what brings it.
    pub fn find() -> Result<Self> {
        let programs = Self {
            built: tools_folder(),
        };
        for name in OF_KUBERNETES.into_iter().chain([PAUSE]) {
            programs.built(name)?;
        }
        for (name, package) in OF_DEBIAN {
            on_path(name)
                .with_context(|| format!("{name} is missing: apt-get install {package}"))?;
        }
        Ok(programs)
    }

    /// One that was built.
    ///
    /// # Errors
    /// When it was not.
    pub fn built(&self, name: &str) -> Result<PathBuf> {
        let path = self.built.join(name);
        let there = path.is_file().then_some(path);
        there.with_context(|| format!("{name} is missing: run `cargo xtask lab up` once"))
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = environment::search_path().into_iter();
    let mut paths = folders.map(|folder: PathBuf| folder.join(name));
    paths.find(|path: &PathBuf| Path::is_file(path))
}
