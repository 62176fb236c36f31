//! `cargo xtask up`: builds the platform and hands over to `opsctl up`. Never sets anything up itself.

use std::{os::unix::process::CommandExt, process::Command};

use anyhow::{Context, Result};
use clap::Args;

use crate::{checkout::Checkout, machine::child};

/// Build the platform and start it on this machine; nothing needs to be installed
///
/// The first start runs one restore drill, so that you see a measured RTO and RPO with evidence. The platform
/// then stays up until Ctrl-C.
#[derive(Debug, Args)]
pub struct Up {
    /// Do not run the restore drill at the first start
    #[arg(long)]
    no_drill: bool,
}

impl Up {
    /// Builds `app` and `opsctl`, then becomes `opsctl up`.
    pub fn run(self) -> Result<()> {
        let checkout = Checkout::find()?;
        let build = [
            "build",
            "--locked",
            "--package",
            "app",
            "--package",
            "opsctl",
        ];
        child::run(&mut checkout.cargo(build))?;
        // The same process: Ctrl-C, the terminal and the exit code are opsctl's own.
        let mut opsctl = Command::new(checkout.built_folder()?.join("opsctl"));
        opsctl.current_dir(&checkout.root).arg("up");
        opsctl.args(self.no_drill.then_some("--no-drill"));
        Err(opsctl.exec()).context("cannot start opsctl")
    }
}
