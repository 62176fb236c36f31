//! Sees to it that the tests have a PostgreSQL: what testkit finds, else Debian's package. Never starts a server.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Result;
use testkit::postgres::PostgresBinaries;

use super::{child, settings};
use crate::terminal::say;

/// Finds a PostgreSQL, installs one where that is possible, or fails with the line that says what to install.
pub fn require() -> Result<PostgresBinaries> {
    testkit::postgres::find().or_else(|missing| {
        if !can_install() {
            return Err(missing);
        }
        say(&format!("{missing:#}; installing it"));
        install()?;
        testkit::postgres::find()
    })
}

/// Only where nobody has to be asked: root on Debian or Ubuntu, and no folder that was named and is wrong.
fn can_install() -> bool {
    let root = child::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0");
    let named = settings::postgres_folder().is_some();
    root && !named && Path::new("/etc/debian_version").exists()
}

fn install() -> Result<()> {
    child::run(apt().args(["update", "-qq"]))?;
    child::run(apt().args(["install", "-y", "-qq", "postgresql"]))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null());
    command
}
