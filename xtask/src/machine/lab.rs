//! What the lab is made of: built from its makers' modules by Go, or installed from Debian.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::Result;
use testkit::lab::{NETWORK_PLUGINS, OF_DEBIAN, OF_KUBERNETES, tools_folder};

use super::golang::Module;
use super::packages;

/// From 1.35 on a kubelet refuses machines with cgroup v1.
const KUBERNETES: Module = Module {
    name: "kubernetes",
    files: [
        (
            "go.mod",
            include_str!("../../../testkit/lab/kubernetes/go.mod"),
        ),
        (
            "go.sum",
            include_str!("../../../testkit/lab/kubernetes/go.sum"),
        ),
        (
            "main.go",
            include_str!("../../../testkit/lab/kubernetes/main.go"),
        ),
    ],
    // Clients ask which version they speak to.
    flags: &[
        "-ldflags",
        "-s -w -X k8s.io/component-base/version.gitVersion=v1.34.4 \
         -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=34 \
         -X k8s.io/client-go/pkg/version.gitVersion=v1.34.4",
    ],
};

/// Static: nothing else is in its image.
const PAUSE: Module = Module {
    name: "pause",
    files: [
        ("go.mod", include_str!("../../../testkit/lab/pause/go.mod")),
        ("go.sum", include_str!("../../../testkit/lab/pause/go.sum")),
        (
            "main.go",
            include_str!("../../../testkit/lab/pause/main.go"),
        ),
    ],
    flags: &["-ldflags", "-s -w"],
};

/// Builds and installs what is missing.
pub fn require() -> Result<()> {
    for (program, package) in OF_DEBIAN {
        packages::require(program, package)?;
    }
    if !Path::new(NETWORK_PLUGINS).join("bridge").exists() {
        packages::install("containernetworking-plugins")?;
    }
    let (kubernetes, pause) = (KUBERNETES.built()?, PAUSE.built()?);
    fs::create_dir_all(tools_folder())?;
    for name in OF_KUBERNETES {
        link(name, &kubernetes)?;
    }
    link("pause", &pause)
}

fn link(name: &str, program: &Path) -> Result<()> {
    let link = tools_folder().join(name);
    if fs::read_link(&link).ok().as_deref() != Some(program) {
        let _absent = fs::remove_file(&link);
        symlink(program, link)?;
    }
    Ok(())
}
