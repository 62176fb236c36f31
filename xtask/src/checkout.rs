//! The clone that xtask works on: where it is, which files it tracks, what the workspace is made of.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::machine::child;

/// A clone of this repository.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
}

/// One crate of the workspace, as `cargo metadata` tells it.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its `Cargo.toml` is.
    pub manifest_path: PathBuf,
    /// What it depends on, directly.
    pub dependencies: Vec<Dependency>,
    /// What is built of it.
    pub targets: Vec<Target>,
}

/// One line of a crate's dependencies.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The name of the crate depended on.
    pub name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    pub kind: Option<String>,
    /// Where it is, when it is one of ours.
    pub path: Option<PathBuf>,
}

/// One thing that cargo builds.
#[derive(Debug, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// `lib`, `bin`, `test`, `bench`, `example`, `custom-build`.
    pub kind: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

impl Checkout {
    /// The clone that the current folder belongs to.
    pub fn find() -> Result<Self> {
        let mut locate =
            child::cargo(["locate-project", "--workspace", "--message-format", "plain"]);
        let manifest = String::from_utf8(child::output(&mut locate)?)?;
        let root = PathBuf::from(manifest.trim_end())
            .parent()
            .context("the workspace has no folder")?
            .to_owned();
        Ok(Self { root })
    }

    /// The workspace's crates.
    pub fn packages(&self) -> Result<Vec<Package>> {
        Ok(self.metadata()?.packages)
    }

    /// Where a development build puts its programs.
    pub fn built_folder(&self) -> Result<PathBuf> {
        Ok(self.metadata()?.target_directory.join("debug"))
    }

    /// Where an optimised build puts its programs.
    pub fn optimised_folder(&self) -> Result<PathBuf> {
        Ok(self.metadata()?.target_directory.join("release"))
    }

    fn metadata(&self) -> Result<Metadata> {
        let mut command = self.cargo(["metadata", "--no-deps", "--format-version", "1"]);
        serde_json::from_slice(&child::output(&mut command)?).context("cargo metadata")
    }

    /// Every file that is committed or could be: tracked, or new and not ignored.
    pub fn files(&self) -> Result<Vec<String>> {
        let list = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let text = child::output(&mut self.git(list))?;
        let names = text
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        let mut files: Vec<String> = names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .filter(|name| self.root.join(name).is_file())
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// A git command in this clone.
    pub fn git<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// A cargo command in this clone.
    pub fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = child::cargo(arguments);
        command.current_dir(&self.root);
        command
    }
}
