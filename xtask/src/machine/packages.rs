//! Programs that Debian packages: found on the PATH, else installed where nobody has to be asked.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Result, ensure};

use super::{child, settings};
use crate::terminal::say;

/// Sees to it that `program` is there; `package` is what brings it.
pub fn require(program: &str, package: &str) -> Result<()> {
    let here = || {
        let path = settings::search_path();
        // Servers lie where the PATH of ordinary users does not lead.
        let folders = path.into_iter().chain(["/usr/sbin".into()]);
        folders
            .map(|folder| folder.join(program))
            .any(|file| file.is_file())
    };
    if here() {
        return Ok(());
    }
    let missing = format!("{program} is missing: apt-get install {package}");
    ensure!(can_install(), missing);
    say(&format!("{program} is missing; installing {package}"));
    install(package)?;
    ensure!(here(), missing);
    Ok(())
}

/// Only as root on Debian or Ubuntu.
pub fn can_install() -> bool {
    is_root() && Path::new("/etc/debian_version").exists()
}

/// Whether everything may be done here.
pub fn is_root() -> bool {
    child::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}

/// Installs a package, with the newest lists.
pub fn install(package: &str) -> Result<()> {
    child::run(apt().args(["update", "-qq"]))?;
    child::run(apt().args(["install", "-y", "-qq", package]))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null());
    command
}
