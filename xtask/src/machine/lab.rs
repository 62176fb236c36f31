//! What the lab is made of: built from its makers' modules by Go, or installed from Debian.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::Result;
use testkit::lab::{NETWORK_PLUGINS, OF_DEBIAN, OF_KUBERNETES, Shape, tools_folder};

use super::golang::Module;
use super::packages;
use crate::terminal::say;

/// A module below `testkit/lab`, linked without what only debuggers read.
macro_rules! module {
    ($name:literal, $flags:literal) => {
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
            ],
            flags: &["-ldflags", concat!("-s -w ", $flags)],
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
    module!("probe", ""),
    module!("registry", ""),
    module!("coredns", ""),
    module!("metrics-server", ""),
];

/// Builds and installs what is missing. Where no node can be had, a cluster without one is enough, if its programs are at hand.
pub fn require() -> Result<Shape> {
    let built = build();
    let no_node = match built.and_then(|()| Shape::Node.check()) {
        Ok(()) => return Ok(Shape::Node),
        Err(reason) => reason,
    };
    if Shape::of_this_machine().ok() != Some(Shape::ControlPlane) {
        return Err(no_node);
    }
    say(&format!("the lab has no node on this machine: {no_node:#}"));
    Ok(Shape::ControlPlane)
}

fn build() -> Result<()> {
    for (program, package) in OF_DEBIAN {
        packages::require(program, package)?;
    }
    if !Path::new(NETWORK_PLUGINS).join("bridge").exists() {
        packages::install("containernetworking-plugins")?;
    }
    let kubernetes = KUBERNETES.built()?;
    fs::create_dir_all(tools_folder())?;
    for name in OF_KUBERNETES {
        link(name, &kubernetes)?;
    }
    for module in OTHERS {
        link(module.name, &module.built()?)?;
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
