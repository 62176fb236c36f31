//! What the parts of the node are told by file. Each line that departs from what its makers chose says why.

use std::path::Path;

use super::addresses::{DNS_SERVICE, NODE, PODS};
use super::credentials::Credentials;
use super::programs::NETWORK_PLUGINS;

/// What every pod's first container is made of; the lab brings it itself.
pub const PAUSE: &str = "local/pause:1";
/// Inside of the lab, where nobody else has one.
pub const CONTAINERD_SOCKET: &str = "/run/containerd.sock";

/// For containerd 1.6.
pub fn containerd(folder: &Path) -> String {
    let folder = folder.display();
    // restrict_oom_score_adj: a machine that is itself confined may not lower it.
    format!(
        r#"version = 2
root = "{folder}/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{NETWORK_PLUGINS}"
    conf_dir = "{folder}/network"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{folder}/registries"
"#
    )
}

/// For the plugins that give a pod its network.
pub fn network() -> String {
    format!(
        r#"{{"cniVersion": "0.4.0", "name": "lab", "plugins": [
  {{"type": "bridge", "bridge": "pods0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": {{"type": "host-local", "ranges": [[{{"subnet": "{PODS}"}}]], "routes": [{{"dst": "0.0.0.0/0"}}],
             "dataDir": "/run/cni"}}}},
  {{"type": "portmap", "capabilities": {{"portMappings": true}}}}
]}}
"#
    )
}

/// For the kubelet.
pub fn kubelet(folder: &Path, credentials: &Credentials, cgroup: &str) -> String {
    let file = |name: &str| credentials.path(name).display().to_string();
    let (authority, certificate) = (file("authority.crt"), file("server.crt"));
    let (folder, key) = (folder.display(), file("server.key"));
    // failCgroupV1, failSwapOn: the machine is as it is. The thresholds: its disk is not the lab's to judge.
    format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: {NODE}
authentication: {{anonymous: {{enabled: false}}, webhook: {{enabled: true}}, x509: {{clientCAFile: '{authority}'}}}}
authorization: {{mode: Webhook}}
tlsCertFile: '{certificate}'
tlsPrivateKeyFile: '{key}'
cgroupDriver: cgroupfs
cgroupRoot: {cgroup}
failCgroupV1: false
failSwapOn: false
clusterDNS: [{DNS_SERVICE}]
clusterDomain: cluster.local
resolvConf: '{folder}/resolv.conf'
containerRuntimeEndpoint: unix://{CONTAINERD_SOCKET}
imageGCHighThresholdPercent: 100
evictionHard: {{memory.available: 100Mi}}
podLogsDir: '{folder}/pod-logs'
serializeImagePulls: false
syncFrequency: 5s
nodeStatusUpdateFrequency: 5s
"
    )
}
