//! A kubectl to be measured beside: what the machine has, else built from its makers' module by Go.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{child, settings};
use crate::terminal::say;

const VERSION: &str = "0.34.4";
const MODULE: [(&str, &str); 3] = [
    ("go.mod", include_str!("../../kubectl/go.mod")),
    ("go.sum", include_str!("../../kubectl/go.sum")),
    ("main.go", include_str!("../../kubectl/main.go")),
];

/// Finds kubectl, or builds it into the tools folder.
pub fn require() -> Result<PathBuf> {
    let folder = settings::tools_folder().join(format!("kubectl-{VERSION}"));
    let built = folder.join("kubectl");
    let on_path = settings::search_path().into_iter();
    let mut places = on_path
        .map(|folder| folder.join("kubectl"))
        .chain([built.clone()]);
    if let Some(found) = places.find(|path| path.is_file()) {
        return Ok(found);
    }
    say(&format!(
        "kubectl is missing: building it into {}",
        folder.display()
    ));
    build(&folder, &built).context("kubectl is missing: install it, or Go to build it with")?;
    Ok(built)
}

/// Stripped, as its makers release it.
fn build(folder: &Path, program: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (name, content) in MODULE {
        fs::write(folder.join(name), content)?;
    }
    let mut go = Command::new("go");
    go.current_dir(folder)
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"]);
    child::run(go.arg(program))
}
