//! etcd, the API server, the controllers and the scheduler: the command line of each.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::addresses::{NODE, PODS, SERVICES};
use super::audit;
use super::authenticator;
use super::site::Site;

/// Keeps nothing safe from a power cut: the lab has no yesterday.
pub fn etcd(site: &Site, folder: &Path) -> Result<Command> {
    let mut command = site.ground.beside(&site.programs.find("etcd")?);
    let (clients, peers) = (site.ground.etcd(), site.ground.peers());
    command.arg("--data-dir").arg(folder.join("data"));
    command.args(["--unsafe-no-fsync", "--log-level", "warn"]);
    command.args(["--listen-client-urls", &clients]);
    command.args(["--advertise-client-urls", &clients]);
    command.args(["--listen-peer-urls", &peers]);
    command.args(["--initial-advertise-peer-urls", &peers]);
    command.arg(format!("--initial-cluster=default={peers}"));
    Ok(command)
}

/// The API server.
pub fn api(site: &Site) -> Result<Command> {
    let mut command = site.ground.beside(&site.programs.find("kube-apiserver")?);
    let (port, etcd) = (site.ground.api_port().to_string(), site.ground.etcd());
    let place = if site.ground.is_apart() {
        [("advertise-address", NODE), ("bind-address", "0.0.0.0")]
    } else {
        // Nobody else is to reach it, and an address of the loopback can't be a service's.
        [
            ("endpoint-reconciler-type", "none"),
            ("bind-address", "127.0.0.1"),
        ]
    };
    for (name, value) in place {
        command.arg(format!("--{name}={value}"));
    }
    command.args(audit::flags(&site.folder)?);
    if let Some(port) = site.tokens {
        command.args(authenticator::flags(site, port)?);
    }
    for (name, value) in [
        ("secure-port", port.as_str()),
        ("etcd-servers", &etcd),
        ("service-cluster-ip-range", SERVICES),
        (
            "service-account-issuer",
            "https://kubernetes.default.svc.cluster.local",
        ),
        ("authorization-mode", "Node,RBAC"),
        ("enable-admission-plugins", "NodeRestriction"),
        ("kubelet-preferred-address-types", "InternalIP"),
        ("allow-privileged", "true"),
        ("requestheader-allowed-names", "handing-on"),
        ("requestheader-username-headers", "X-Remote-User"),
        ("requestheader-group-headers", "X-Remote-Group"),
        ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
    ] {
        command.arg(format!("--{name}={value}"));
    }
    for (name, file) in [
        ("client-ca-file", "authority.crt"),
        ("tls-cert-file", "server.crt"),
        ("tls-private-key-file", "server.key"),
        ("kubelet-certificate-authority", "authority.crt"),
        ("kubelet-client-certificate", "asking.crt"),
        ("kubelet-client-key", "asking.key"),
        ("service-account-key-file", "accounts.pub"),
        ("service-account-signing-key-file", "accounts.key"),
        ("requestheader-client-ca-file", "authority.crt"),
        ("proxy-client-cert-file", "handing-on.crt"),
        ("proxy-client-key-file", "handing-on.key"),
    ] {
        command.arg(format!("--{name}={}", site.file(file)));
    }
    Ok(command)
}

/// The controllers.
pub fn controllers(site: &Site) -> Result<Command> {
    let program = site.programs.find("kube-controller-manager")?;
    let mut command = site.ground.beside(&program);
    command
        .arg("--leader-elect=false")
        .arg("--use-service-account-credentials=true");
    command.arg(format!("--cluster-cidr={PODS}"));
    if !site.ground.is_apart() {
        // Its own port is the same in every lab.
        command.arg("--secure-port=0");
    }
    for (name, file) in [
        ("kubeconfig", "controllers.kubeconfig"),
        ("root-ca-file", "authority.crt"),
        ("service-account-private-key-file", "accounts.key"),
        ("cluster-signing-cert-file", "authority.crt"),
        ("cluster-signing-key-file", "authority.key"),
    ] {
        command.arg(format!("--{name}={}", site.file(file)));
    }
    Ok(command)
}

/// The scheduler.
pub fn scheduler(site: &Site) -> Result<Command> {
    let mut command = site.ground.beside(&site.programs.find("kube-scheduler")?);
    command.arg("--leader-elect=false");
    command.arg(format!(
        "--kubeconfig={}",
        site.file("scheduler.kubeconfig")
    ));
    Ok(command)
}
