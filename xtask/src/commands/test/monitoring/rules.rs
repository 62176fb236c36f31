//! What promtool says of rules, of their tests and of the configuration.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::machine::child;

/// Rules are well formed, every test passes, and Prometheus reads its configuration.
pub fn check(promtool: &Path, place: &Path) -> Result<()> {
    let place = place.join("prometheus");
    let mut rules = Command::new(promtool);
    rules.args(["check", "rules", "--lint=all", "--lint-fatal"]);
    child::run(rules.args(files(&place.join("rules"))?))?;
    let mut tests = Command::new(promtool);
    tests.current_dir(place.join("tests"));
    child::run(
        tests
            .args(["test", "rules"])
            .args(files(&place.join("tests"))?),
    )?;
    let mut configuration = Command::new(promtool);
    configuration.args(["check", "config", "--syntax-only"]);
    child::run(configuration.arg(place.join("prometheus.yaml")))
}

/// The YAML files of a folder, in order.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths = listed.map(|entry| Ok(entry?.path()));
    let mut paths = paths.collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "yaml"));
    paths.sort();
    Ok(paths)
}
