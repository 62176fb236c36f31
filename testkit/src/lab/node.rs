//! The node: containerd, the kubelet, and the proxy that leads services to pods.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::addresses::{NODE, PODS};
use super::configuration;
use super::credentials::NODE_NAME;
use super::site::Site;

/// Writes what its parts are told, into the folder that they share.
pub fn configure(site: &Site, folder: &Path, cgroup: &str) -> Result<()> {
    for below in ["network", "registries", "pod-logs", "kubelet"] {
        fs::create_dir_all(folder.join(below))?;
    }
    for (file, text) in [
        ("containerd.toml", configuration::containerd(folder)),
        ("network/lab.conflist", configuration::network()),
        (
            "kubelet.yaml",
            configuration::kubelet(folder, &site.credentials, cgroup),
        ),
        // Nobody outside answers; names of the cluster are asked of its own service.
        ("resolv.conf", String::new()),
    ] {
        fs::write(folder.join(file), text)?;
    }
    Ok(())
}

/// The runtime.
pub fn containerd(site: &Site, folder: &Path) -> Result<Command> {
    let mut command = site.ground.namespace()?.inside(Path::new("containerd"));
    command.arg("--config").arg(folder.join("containerd.toml"));
    Ok(command)
}

/// The runtime's own client.
pub fn ctr(site: &Site) -> Result<Command> {
    let mut command = site.ground.namespace()?.inside(Path::new("ctr"));
    command.args(["--address", configuration::CONTAINERD_SOCKET]);
    command.args(["--namespace", "k8s.io"]);
    Ok(command)
}

/// The kubelet.
pub fn kubelet(site: &Site, folder: &Path) -> Result<Command> {
    let program = site.programs.find("kubelet")?;
    let mut command = site.ground.namespace()?.inside(&program);
    command.arg("--config").arg(folder.join("kubelet.yaml"));
    command.arg(format!("--kubeconfig={}", site.file("node.kubeconfig")));
    command.arg("--root-dir").arg(folder.join("kubelet"));
    command.arg(format!("--hostname-override={NODE_NAME}"));
    command.arg(format!("--node-ip={NODE}"));
    Ok(command)
}

/// The proxy. The limits are the machine's to set, not a network's inside of it.
pub fn proxy(site: &Site) -> Result<Command> {
    let program = site.programs.find("kube-proxy")?;
    let mut command = site.ground.namespace()?.inside(&program);
    command.arg(format!("--kubeconfig={}", site.file("proxy.kubeconfig")));
    command.arg(format!("--hostname-override={NODE_NAME}"));
    command.arg(format!("--cluster-cidr={PODS}"));
    command.args(["--proxy-mode=iptables", "--iptables-sync-period=10s"]);
    for limit in [
        "max-per-core",
        "tcp-timeout-established",
        "tcp-timeout-close-wait",
    ] {
        command.arg(format!("--conntrack-{limit}=0"));
    }
    Ok(command)
}
