//! Prometheus and Alertmanager with their tools, built from their makers' modules by Go: pinned, so that what is tested is what
//! `k8s/monitoring` runs.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{child, golang::Module, settings};

/// Of the ways to find targets, those that our configuration names: the others bring every cloud's library.
const PLUGINS: &[&str] = &["-tags=remove_all_sd,enable_kubernetes_sd", "-ldflags=-s -w"];

macro_rules! tool {
    ($name:literal, $module:literal, $flags:expr) => {
        Module {
            name: $name,
            files: &[
                (
                    "go.mod",
                    include_str!(concat!("../../", $module, "/go.mod")),
                ),
                (
                    "go.sum",
                    include_str!(concat!("../../", $module, "/go.sum")),
                ),
            ],
            package: concat!("github.com/prometheus/", $module, "/cmd/", $name),
            flags: $flags,
        }
    };
}

const PROMTOOL: Module = tool!("promtool", "prometheus", PLUGINS);
const PROMETHEUS: Module = tool!("prometheus", "prometheus", PLUGINS);
const AMTOOL: Module = tool!("amtool", "alertmanager", &["-ldflags=-s -w"]);
const ALERTMANAGER: Module = tool!("alertmanager", "alertmanager", &["-ldflags=-s -w"]);

/// What judges rules and routes.
#[derive(Debug)]
pub struct Tools {
    pub promtool: PathBuf,
    pub amtool: PathBuf,
    /// The server: what it silences only it can say.
    pub alertmanager: PathBuf,
}

/// What watches and hands over.
#[derive(Debug)]
pub struct Servers {
    pub prometheus: PathBuf,
    pub alertmanager: PathBuf,
}

/// Alertmanager's module comes without the pages that its makers generate, and does not build without any: it is built from a copy
/// with an empty one. Nobody reads pages here.
const ALERTMANAGERS_SOURCE: &str = "github.com/prometheus/alertmanager@v0.33.0";

#[derive(Deserialize)]
struct Downloaded {
    #[serde(rename = "Dir")]
    folder: PathBuf,
}

/// Builds the tools, where they are missing.
pub fn tools() -> Result<Tools> {
    alertmanagers_source()?;
    Ok(Tools {
        promtool: PROMTOOL.built()?,
        amtool: AMTOOL.built()?,
        alertmanager: ALERTMANAGER.built()?,
    })
}

/// Builds the servers, where they are missing.
pub fn servers() -> Result<Servers> {
    alertmanagers_source()?;
    Ok(Servers {
        prometheus: PROMETHEUS.built()?,
        alertmanager: ALERTMANAGER.built()?,
    })
}

/// Where `go.mod` looks for it: beside the programs.
fn alertmanagers_source() -> Result<()> {
    let source = settings::tools_folder().join("alertmanager-source");
    let page = source.join("ui/app/dist/index.html");
    if page.is_file() {
        return Ok(());
    }
    fs::create_dir_all(settings::tools_folder())?;
    let mut download = Command::new("go");
    download.args(["mod", "download", "-json", ALERTMANAGERS_SOURCE]);
    let told = child::output(&mut download).context("install Go, https://go.dev/dl")?;
    let downloaded: Downloaded = serde_json::from_slice(&told)?;
    let mut copy = Command::new("cp");
    copy.args(["--recursive", "--no-preserve=mode", "--no-target-directory"]);
    child::run(copy.arg(downloaded.folder).arg(&source))?;
    fs::create_dir_all(page.parent().context("a page has a folder")?)?;
    Ok(fs::write(page, "")?)
}
