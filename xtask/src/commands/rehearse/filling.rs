//! What opsctl itself puts into a new environment: roles, tables and plausible rows, by the commands that everybody uses.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use super::{account::NAME, configuration::Configuration};
use crate::{checkout::Checkout, machine::child, terminal::say};

/// Enough to see something in every report.
const ROWS: [&str; 6] = ["--users", "200", "--posts", "2000", "--comments", "20000"];

/// Builds opsctl; says where it is.
pub fn build(checkout: &Checkout) -> Result<PathBuf> {
    child::run(&mut checkout.cargo(["build", "--locked", "--package", "opsctl"]))?;
    Ok(checkout.built_folder()?.join("opsctl"))
}

/// Migrates the database and fills it.
pub async fn fill(opsctl: &Path, checkout: &Checkout, found_by: &Configuration) -> Result<()> {
    let seed = [&["data", "seed"][..], &ROWS].concat();
    for words in [&["migrate"][..], &seed] {
        let mut command = Command::new(opsctl);
        command.current_dir(&checkout.root);
        command.args(["--env", NAME]).args(words).arg("--yes");
        command.envs(found_by.variables());
        let told = words.join(" ");
        say(&format!("opsctl --env {NAME} {told}"));
        let ended = command.status().await.context("start opsctl")?;
        ensure!(
            ended.success(),
            "opsctl {told}: {ended}; `--bare` leaves it out"
        );
    }
    Ok(())
}
