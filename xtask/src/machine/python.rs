//! Python programs in environments of their own, built once a machine and again when what they need changes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{child, settings};
use crate::terminal::say;

const REQUIREMENTS: &str = "requirements.txt";

/// The folder with the programs of the environment `name`, which holds what the requirements in `source` say.
pub fn environment(name: &str, source: &Path) -> Result<PathBuf> {
    let wanted = fs::read_to_string(source.join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let place = settings::tools_folder().join(name);
    let programs = place.join("bin");
    let mark = place.join(REQUIREMENTS);
    if fs::read_to_string(&mark).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(programs);
    }
    say(&format!("building Python's {name} in {}", place.display()));
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&place);
    child::run(&mut create)
        .context("python3 with venv is missing: apt-get install python3-venv")?;
    let mut install = Command::new(programs.join("python"));
    install.current_dir(source);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--requirement",
        REQUIREMENTS,
    ]);
    child::run(&mut install)?;
    fs::write(mark, wanted)?;
    Ok(programs)
}
