//! What opsctl itself puts into a new environment: roles, tables and plausible rows, by the commands that everybody uses.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use testkit_aws::rehearsal::Files;
use tokio::process::Command;

use crate::{checkout::Checkout, machine::child, terminal::say};

/// As they stand in the runbook; enough rows to see something in every report.
const COMMANDS: [&str; 2] = [
    "opsctl --env rehearsal migrate up --yes",
    "opsctl --env rehearsal data seed --users 200 --posts 2000 --comments 20000 --yes",
];

/// Builds opsctl; says where it is.
pub fn build(checkout: &Checkout) -> Result<PathBuf> {
    child::run(&mut checkout.cargo(["build", "--locked", "--package", "opsctl"]))?;
    Ok(checkout.built_folder()?.join("opsctl"))
}

/// Migrates the database and fills it.
pub async fn fill(opsctl: &Path, checkout: &Checkout, found_by: &Files) -> Result<()> {
    for line in COMMANDS {
        let mut command = Command::new(opsctl);
        command.current_dir(&checkout.root);
        command.args(line.split(' ').skip(1));
        command.envs(found_by.variables());
        say(line);
        let ended = command.status().await.context("start opsctl")?;
        ensure!(ended.success(), "{line}: {ended}; `--bare` leaves it out");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever stands in a runbook is read by opsctl's own command tree, in its tests.
    #[test]
    fn what_fills_the_environment_stands_in_the_runbook() {
        let runbook = include_str!("../../../../runbooks/rehearsal.md");
        for line in COMMANDS {
            assert!(runbook.lines().any(|it| it == line), "{line}");
        }
    }
}
