//! A real Alertmanager with the repository's own configuration, but for the addresses of those who are told.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_yaml::Value;
use testkit::leash::Leash;

/// The configuration of the repository; whoever is told, is told at `address`.
pub fn configuration(place: &Path, address: &str) -> Result<Value> {
    let source = place.join("alertmanager");
    let text = fs::read_to_string(source.join("alertmanager.yaml"))?;
    let mut configuration: Value = serde_yaml::from_str(&text)?;
    let templates = source.join("*.tmpl").display().to_string();
    configuration["templates"] = Value::Sequence(vec![templates.into()]);
    let receivers = configuration["receivers"].as_sequence_mut();
    for receiver in receivers.context("receivers")? {
        let name = receiver["name"].as_str().context("a name")?.to_owned();
        let told = format!("{{name: {name}, webhook_configs: [{{url: '{address}/{name}'}}]}}");
        *receiver = serde_yaml::from_str(&told)?;
    }
    configuration["global"] = serde_yaml::from_str("{resolve_timeout: 5m}")?;
    Ok(configuration)
}

/// Starts it in a folder of its own, listening there.
pub fn start(program: &Path, configuration: &Value, listen: &str) -> Result<Leash> {
    let folder = folder()?;
    let file = folder.join("alertmanager.yaml");
    fs::write(&file, serde_yaml::to_string(configuration)?)?;
    let mut command = Command::new(program);
    command.arg(format!("--config.file={}", file.display()));
    command.arg(format!("--storage.path={}", folder.join("data").display()));
    command.args([
        "--cluster.listen-address=",
        &format!("--web.listen-address={listen}"),
    ]);
    Leash::start(&folder, &command)
}

fn folder() -> Result<PathBuf> {
    Ok(testkit::files::tempdir()?.keep())
}
