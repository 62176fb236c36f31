//! A helm to be measured beside: what the machine has, else built from its makers' module by Go.

use std::path::PathBuf;

use anyhow::Result;

use super::golang::Module;

/// Stripped, as its makers release it.
const HELM: Module = Module {
    name: "helm",
    files: &[
        ("go.mod", include_str!("../../helm/go.mod")),
        ("go.sum", include_str!("../../helm/go.sum")),
    ],
    flags: &["-ldflags", "-s -w"],
    package: "helm.sh/helm/v3/cmd/helm",
};

/// Finds helm, or builds it into the tools folder.
pub fn require() -> Result<PathBuf> {
    HELM.require()
}
