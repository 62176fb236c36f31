//! What the lab is made of: built from its makers' modules by Go, or installed from Debian.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use testkit::lab::{NETWORK_PLUGINS, OF_DEBIAN, OF_KUBERNETES, Shape, tools_folder};

use super::golang::Module;
use super::packages;
use crate::terminal::say;

/// A module below `testkit/lab`, linked without what only debuggers read.
macro_rules! module {
    ($name:literal, $flags:literal $(, $more:literal)*) => {
        Module {
            name: $name,
            files: &[
                (
                    "go.mod",
                    include_str!(concat!("../../../testkit/lab/", $name, "/go.mod")),
                ),
                (
                    "go.sum",
                    include_str!(concat!("../../../testkit/lab/", $name, "/go.sum")),
                ),
                (
                    "main.go",
                    include_str!(concat!("../../../testkit/lab/", $name, "/main.go")),
                ),
                $((
                    $more,
                    include_str!(concat!("../../../testkit/lab/", $name, "/", $more)),
                ),)*
            ],
            flags: &["-ldflags", concat!("-s -w ", $flags)],
            package: ".",
        }
    };
}

/// From 1.35 on a kubelet refuses machines with cgroup v1. Clients ask which version they speak to.
const KUBERNETES: Module = module!(
    "kubernetes",
    "-X k8s.io/component-base/version.gitVersion=v1.34.4 \
     -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=34 \
     -X k8s.io/client-go/pkg/version.gitVersion=v1.34.4"
);

/// What stands beside it in a cluster, and the two programs that images of the tests are made of.
const OTHERS: [Module; 5] = [
    module!("pause", ""),
    module!("probe", "", "metrics.go"),
    module!("registry", ""),
    module!("coredns", ""),
    module!("metrics-server", ""),
];

/// What stops the tests says what to do.
const HINT: &str = "a lab takes root, and Go for the first time; without them a folder with etcd, \
                    kube-apiserver and kubectl, which KUBEBUILDER_ASSETS names";

/// Builds and installs what is missing. Where no node can be had, a cluster without one is enough, if its programs are at hand.
pub fn require() -> Result<Shape> {
    let no_node = match node() {
        Ok(()) => return Ok(Shape::Node),
        Err(reason) => reason,
    };
    if !packages::is_root() && Shape::ControlPlane.check().is_err() {
        kubernetes().context(HINT)?;
    }
    if Shape::of_this_machine().ok() != Some(Shape::ControlPlane) {
        return Err(no_node.context(HINT));
    }
    say(&format!("the lab has no node on this machine: {no_node:#}"));
    Ok(Shape::ControlPlane)
}

/// Whoever may not run a node has no use for most of it.
fn node() -> Result<()> {
    ensure!(packages::is_root(), "a node takes root: sudo -E");
    for (program, package) in OF_DEBIAN {
        packages::require(program, package)?;
    }
    if !Path::new(NETWORK_PLUGINS).join("bridge").exists() {
        packages::install("containernetworking-plugins")?;
    }
    kubernetes()?;
    for module in OTHERS {
        link(module.name, &module.built()?)?;
    }
    Shape::Node.check()
}

/// Builds the registry alone, where it is missing.
pub fn registry() -> Result<()> {
    for module in OTHERS.into_iter().filter(|it| it.name == "registry") {
        link(module.name, &module.built()?)?;
    }
    Ok(())
}

fn kubernetes() -> Result<()> {
    let program = KUBERNETES.built()?;
    fs::create_dir_all(tools_folder())?;
    for name in OF_KUBERNETES {
        link(name, &program)?;
    }
    Ok(())
}

fn link(name: &str, program: &Path) -> Result<()> {
    let link = tools_folder().join(name);
    if fs::read_link(&link).ok().as_deref() != Some(program) {
        let _absent = fs::remove_file(&link);
        symlink(program, link)?;
    }
    Ok(())
}
