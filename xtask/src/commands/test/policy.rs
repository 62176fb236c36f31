//! The dependency policy of `deny.toml`, checked by a pinned cargo-deny.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::requirements::Ready;
use crate::{
    checkout::Checkout,
    machine::{child, settings},
    terminal::say,
};

/// The version that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// Finds the pinned cargo-deny, or builds it into the tools folder.
pub fn require() -> Result<PathBuf> {
    let on_path = settings::search_path().into_iter();
    let on_path = on_path.map(|folder| folder.join("cargo-deny"));
    let own = settings::tools_folder().join(format!("cargo-deny-{VERSION}"));
    let built = own.join("bin/cargo-deny");
    if let Some(found) = on_path.chain([built.clone()]).find(|path| is_pinned(path)) {
        return Ok(found);
    }
    say(&format!(
        "cargo-deny {VERSION} is missing: building it into {}",
        own.display()
    ));
    child::run(&mut install_into(&own)).with_context(|| {
        format!(
            "cargo-deny {VERSION} is missing: run `cargo install cargo-deny@{VERSION} --locked`"
        )
    })?;
    std::fs::remove_dir_all(own.join("target"))?;
    Ok(built)
}

/// An unoptimised build: a minute instead of many, and it checks our few hundred crates in two seconds.
fn install_into(root: &Path) -> Command {
    let mut install = child::cargo(["install", "cargo-deny", "--version", VERSION, "--locked"]);
    // Its optional features fetch the advisory database; CI's workflow does that with a build of its own.
    install.args(["--no-default-features", "--debug"]);
    install.args(["--config", "profile.dev.debug=false"]);
    install.arg("--root").arg(root);
    install.arg("--target-dir").arg(root.join("target"));
    install
}

/// Checks the tree's dependencies; the advisory database needs a network and is CI's own step.
pub fn check(checkout: &Checkout, ready: &Ready) -> Result<()> {
    let deny = ready
        .deny
        .as_ref()
        .context("cargo-deny was not looked for")?;
    let mut command = Command::new(deny);
    command.current_dir(&checkout.root);
    // An exception that no longer applies is an error too: exceptions must not outlive their reason.
    command.args(["--locked", "check", "--deny", "unmatched-skip"]);
    child::run(command.args(["bans", "licenses", "sources"]))
}

fn is_pinned(path: &Path) -> bool {
    let version = child::output(Command::new(path).arg("--version"));
    version.is_ok_and(|text| text.trim_ascii() == format!("cargo-deny {VERSION}").as_bytes())
}
