//! `benchmarks/twin`: the same reads by FastAPI, in a virtual environment that is built once a machine.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::pinned::{Cores, Pinned};
use crate::{checkout::Checkout, machine::python};

const FOLDER: &str = "benchmarks/twin";

/// The twin's Python and its source.
pub struct Twin {
    python: PathBuf,
    source: PathBuf,
}

impl Twin {
    /// Builds the environment where it is missing or its requirements changed.
    pub fn install(checkout: &Checkout) -> Result<Self> {
        let source = checkout.root.join(FOLDER);
        let python = python::environment("twin", &source)?.join("python");
        Ok(Self { python, source })
    }

    /// Serves on a port that was free a moment ago.
    pub fn start(&self, settings: &[(&str, String)], log: &std::path::Path) -> Result<Pinned> {
        let mut serve = Command::new(&self.python);
        serve.args(["-m", "uvicorn", "--app-dir"]).arg(&self.source);
        serve.args(["--loop", "uvloop", "--http", "httptools", "--no-access-log"]);
        serve.args(["--host", "127.0.0.1", "--port", "0", "twin:app"]);
        serve.envs(settings.iter().map(|(name, value)| (name, value)));
        serve.env("PYTHONDONTWRITEBYTECODE", "1");
        Pinned::start(&serve, Cores::Own, log, address)
    }
}

/// uvicorn's own line.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("Uvicorn running on http://")?;
    rest.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_address_is_read_from_what_uvicorn_says() {
        let line = "INFO:     Uvicorn running on http://127.0.0.1:4711 (Press CTRL+C to quit)";
        assert_eq!(super::address(line).as_deref(), Some("127.0.0.1:4711"));
    }
}
