//! A kubectl to be measured beside: what the machine has, else built from its makers' module by Go.

use std::path::PathBuf;

use anyhow::Result;

use super::golang::Module;

/// Stripped, as its makers release it.
const KUBECTL: Module = Module {
    name: "kubectl",
    files: &[
        ("go.mod", include_str!("../../kubectl/go.mod")),
        ("go.sum", include_str!("../../kubectl/go.sum")),
        ("main.go", include_str!("../../kubectl/main.go")),
    ],
    flags: &["-ldflags", "-s -w"],
    package: ".",
};

/// Finds kubectl, or builds it into the tools folder.
pub fn require() -> Result<PathBuf> {
    KUBECTL.require()
}
