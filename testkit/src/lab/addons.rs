//! What a cluster has beside Kubernetes: names of services (CoreDNS) and what pods use (metrics-server). They run beside the node
//! rather than in pods, so that they are up before the first pod is; the cluster knows them by services like any other.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::addresses::{DNS_READY_PORT, DNS_SERVICE, METRICS_PORT, NODE};
use super::site::Site;

/// CoreDNS for the names of the cluster; any other name does not exist, as nobody outside answers.
pub fn dns(site: &Site, folder: &Path) -> Result<Command> {
    fs::create_dir_all(folder)?;
    let kubeconfig = site.file("dns.kubeconfig");
    let file = folder.join("Corefile");
    fs::write(
        &file,
        format!(
            "cluster.local:53 in-addr.arpa:53 {{
    bind {NODE}
    errors
    ready {NODE}:{DNS_READY_PORT}
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {kubeconfig}
        pods insecure
        ttl 5
    }}
}}
.:53 {{
    bind {NODE}
    template ANY ANY . {{
        rcode NXDOMAIN
    }}
}}
"
        ),
    )?;
    let mut command = site.ground.beside(&site.programs.find("coredns")?);
    command.arg("-conf").arg(file);
    Ok(command)
}

/// metrics-server, asking the kubelet as often as it can be told to.
pub fn metrics(site: &Site, folder: &Path) -> Result<Command> {
    let mut command = site.ground.beside(&site.programs.find("metrics-server")?);
    let port = METRICS_PORT.to_string();
    for (name, value) in [
        ("bind-address", NODE),
        ("secure-port", &port),
        ("kubelet-preferred-address-types", "InternalIP"),
        // The shortest that it takes, and less than that for an answer.
        ("metric-resolution", "10s"),
        ("kubelet-request-timeout", "5s"),
    ] {
        command.arg(format!("--{name}={value}"));
    }
    for name in ["", "authentication-", "authorization-"] {
        let file = site.file("metrics.kubeconfig");
        command.arg(format!("--{name}kubeconfig={file}"));
    }
    for (name, file) in [
        ("tls-cert-file", "server.crt"),
        ("tls-private-key-file", "server.key"),
        ("kubelet-certificate-authority", "authority.crt"),
    ] {
        command.arg(format!("--{name}={}", site.file(file)));
    }
    command.arg("--cert-dir").arg(folder);
    Ok(command)
}

/// The services by which both are known, and what each may read.
pub fn manifests() -> String {
    include_str!("../../lab/addons.yaml")
        .replace("{NODE}", NODE)
        .replace("{DNS_SERVICE}", DNS_SERVICE)
        .replace("{METRICS_PORT}", &METRICS_PORT.to_string())
}
