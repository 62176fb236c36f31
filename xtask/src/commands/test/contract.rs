//! The running service beside its own description: requests that the description allows and requests that it forbids, as
//! schemathesis makes them up, on both databases.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::platform::Platform;
use crate::{
    checkout::Checkout,
    machine::{child, python},
    terminal::say,
};

/// Where the rules of the trial lie, from the root of the clone.
const RULES: &str = "app/tests/contract";
/// The platforms that are tried, by their environment in `opsctl.yaml`, and what starts what they need.
const PLATFORMS: [(&str, &[&str]); 2] = [
    ("local", &[]),
    ("local-postgres", &["local-postgres", "start"]),
];

/// Installs schemathesis where it is missing.
pub fn require(checkout: &Checkout) -> Result<PathBuf> {
    let programs = python::environment("schemathesis", &checkout.root.join(RULES))?;
    Ok(programs.join("st"))
}

/// Tries every platform.
pub fn check(checkout: &Checkout, schemathesis: &Path) -> Result<()> {
    Platform::build(checkout)?;
    for (environment, before) in PLATFORMS {
        say(&format!("the contract on {environment}"));
        let platform = Platform::up(checkout, environment, before)?;
        let mut tried = Command::new(schemathesis);
        tried.current_dir(checkout.root.join(RULES));
        tried.args(["--config-file", "schemathesis.toml", "run", "--no-color"]);
        tried.env("PYTHONDONTWRITEBYTECODE", "1");
        child::run(tried.arg(format!("{}/openapi.json", platform.url)))
            .with_context(|| format!("the contract on {environment}"))?;
    }
    Ok(())
}
