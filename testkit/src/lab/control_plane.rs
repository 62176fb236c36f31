//! etcd, the API server, the controllers and the scheduler: the command line of each.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::addresses::{API_PORT, ETCD, NODE, PODS, SERVICES};
use super::credentials::Credentials;
use super::namespace::Namespace;
use super::programs::Programs;

/// Keeps nothing safe from a power cut: the lab has no yesterday.
pub fn etcd(namespace: &Namespace, programs: &Programs, folder: &Path) -> Result<Command> {
    let mut command = namespace.beside(&programs.built("etcd")?);
    command.arg("--data-dir").arg(folder.join("data"));
    command.args(["--unsafe-no-fsync", "--listen-client-urls", ETCD]);
    command.args(["--advertise-client-urls", ETCD]);
    command.args([
        "--listen-peer-urls",
        "http://127.0.0.1:2380",
        "--log-level",
        "warn",
    ]);
    Ok(command)
}

/// The API server.
pub fn api(
    namespace: &Namespace,
    programs: &Programs,
    credentials: &Credentials,
) -> Result<Command> {
    let mut command = namespace.beside(&programs.built("kube-apiserver")?);
    let port = API_PORT.to_string();
    for (name, value) in [
        ("advertise-address", NODE),
        ("bind-address", "0.0.0.0"),
        ("secure-port", &port),
        ("etcd-servers", ETCD),
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
        command.arg(format!("--{name}={}", credentials.path(file).display()));
    }
    Ok(command)
}

/// The controllers.
pub fn controllers(
    namespace: &Namespace,
    programs: &Programs,
    credentials: &Credentials,
) -> Result<Command> {
    let mut command = namespace.beside(&programs.built("kube-controller-manager")?);
    command
        .arg("--leader-elect=false")
        .arg("--use-service-account-credentials=true");
    command.arg(format!("--cluster-cidr={PODS}"));
    for (name, file) in [
        ("kubeconfig", "controllers.kubeconfig"),
        ("root-ca-file", "authority.crt"),
        ("service-account-private-key-file", "accounts.key"),
        ("cluster-signing-cert-file", "authority.crt"),
        ("cluster-signing-key-file", "authority.key"),
    ] {
        command.arg(format!("--{name}={}", credentials.path(file).display()));
    }
    Ok(command)
}

/// The scheduler.
pub fn scheduler(
    namespace: &Namespace,
    programs: &Programs,
    credentials: &Credentials,
) -> Result<Command> {
    let mut command = namespace.beside(&programs.built("kube-scheduler")?);
    command.arg("--leader-elect=false").arg("--kubeconfig");
    command.arg(credentials.path("scheduler.kubeconfig"));
    Ok(command)
}
