//! The workspace as cargo sees it, and the machine that programs are built for.

use std::path::{Path, PathBuf};
use std::process::Command;

use opsctl_core::image::Platform;
use opsctl_core::{Failure, Result};

/// What is built with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// The target, as rustc names it.
    pub target: &'static str,
    /// The same as images name it.
    pub platform: Platform,
    /// Where cargo keeps what it fetched.
    pub cargo_home: PathBuf,
}

impl Toolchain {
    /// The one for containers on machines like this one.
    ///
    /// # Errors
    /// On machines that this platform does not run on.
    pub fn here(cargo_home: PathBuf) -> Result<Self> {
        let (target, architecture) = match std::env::consts::ARCH {
            "x86_64" => ("x86_64-unknown-linux-gnu", "amd64"),
            "aarch64" => ("aarch64-unknown-linux-gnu", "arm64"),
            other => {
                return Err(Failure::usage(format!("no image is built on {other}"))
                    .hint("build it on x86_64 or aarch64"));
            }
        };
        Ok(Self {
            target,
            platform: Platform {
                os: "linux".into(),
                architecture: architecture.into(),
                variant: None,
            },
            cargo_home,
        })
    }
}

/// What cargo says of the workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its root.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// The whole document, for a bill of materials.
    pub metadata: Vec<u8>,
    versions: Vec<(String, String)>,
}

#[derive(serde::Deserialize)]
struct Document {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(serde::Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
}

impl Workspace {
    #[cfg(test)]
    pub(super) fn at(root: &str) -> Self {
        Self {
            root: root.into(),
            target: format!("{root}/target").into(),
            metadata: Vec::new(),
            versions: Vec::new(),
        }
    }

    /// The version that a package of ours calls itself.
    ///
    /// # Errors
    /// When there is no such package.
    pub fn version(&self, package: &str) -> Result<&str> {
        let known = self.versions.iter();
        let mut known = known.filter(|(name, _)| name == package);
        let found = known.next().map(|(_, version)| version.as_str());
        found.ok_or_else(|| {
            let root = self.root.display();
            Failure::usage(format!(
                "the workspace in {root} has no package '{package}'"
            ))
        })
    }
}

/// Asks cargo about the workspace of `folder`; nothing but what `Cargo.lock` names is looked at.
///
/// # Errors
/// When it is none, or cargo is missing.
pub fn workspace(folder: &Path, toolchain: &Toolchain) -> Result<Workspace> {
    let trouble = || {
        Failure::usage(format!("cargo can't tell what is in {}", folder.display()))
            .hint("run it in the repository; `cargo --version` must answer")
    };
    let words = ["metadata", "--locked", "--format-version", "1"];
    let output = Command::new("cargo")
        .current_dir(folder)
        .args(words)
        .args(["--filter-platform", toolchain.target])
        .output()
        .map_err(|error| trouble().because(error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(trouble().cause(said.trim().to_owned()));
    }
    let document: Document =
        serde_json::from_slice(&output.stdout).map_err(|error| trouble().because(error))?;
    let own = document.packages.into_iter();
    let own = own.filter(|package| package.source.is_none());
    Ok(Workspace {
        root: document.workspace_root,
        target: document.target_directory,
        metadata: output.stdout,
        versions: own.map(|package| (package.name, package.version)).collect(),
    })
}
