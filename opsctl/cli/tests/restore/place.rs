//! A folder with an `opsctl.yaml`, and the programs run in it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

use serde_json::Value;

use crate::service::Service;

const CONFIGURATION: &str = "version: 1
environments:
  local:
    database:
      engine: sqlite
    lock:
      lease: 2s
";

pub struct Place(tempfile::TempDir);

/// How a command ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The last JSON document on stdout: the result of an operation.
    pub fn result(&self) -> Value {
        let last = self
            .stdout
            .lines()
            .last()
            .unwrap_or_else(|| panic!("{}", self.stderr));
        let document: Value = serde_json::from_str(last).unwrap();
        document["result"].clone()
    }

    /// Everything that it said: with `--output json` a failure is an event like any other.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// The application's program, built if it was not: it lies beside opsctl.
pub fn application() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "app"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.unwrap().success(), "the application does not build");
    });
    PathBuf::from(env!("CARGO_BIN_EXE_opsctl")).with_file_name("app")
}

impl Place {
    /// A place with an empty database.
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.0.path().join("opsctl.yaml"), CONFIGURATION).unwrap();
        place.run(&["migrate", "up"]).expect(0);
        place
    }

    /// A place whose application runs.
    pub fn serving() -> (Self, Service) {
        let place = Self::new();
        let service = Service::start(&place.file("database.json"));
        (place, service)
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        self.run_with(words, None)
    }

    /// Runs it with a fault.
    pub fn run_with(&self, words: &[&str], fault: Option<&str>) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_opsctl"))
            .args(words)
            .args(["--output", "json"])
            .current_dir(self.0.path())
            .envs(fault.map(|fault| ("OPSCTL_FAULT", fault)))
            .output()
            .unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn back_up(&self) -> String {
        let ended = self.run(&["backup", "create"]).expect(0);
        ended.result()["backup"]["id"].as_str().unwrap().to_owned()
    }

    pub fn cut_over(&self) -> Ended {
        self.run(&["restore", "--cut-over", "--confirm", "local"])
    }

    pub fn undo(&self) -> Ended {
        self.run(&["restore", "undo", "--confirm", "local"])
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(".opsctl/local").join(name)
    }

    pub fn descriptor(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file("database.json")).unwrap()).unwrap()
    }

    /// The operation that is open, if one is.
    pub fn open_operation(&self) -> Option<String> {
        let listed = self.run(&["operation", "list", "--open"]);
        let document: Value = serde_json::from_str(&listed.stdout).unwrap();
        let operation = document["operations"].as_array().unwrap().first()?;
        Some(operation["operation"].as_str().unwrap().to_owned())
    }

    /// The boundaries that an undisturbed run passes.
    pub fn boundaries(&self, words: &[&str]) -> Vec<String> {
        let file = self.0.path().join("boundaries");
        let fault = format!("count-into:{}", file.display());
        self.run_with(words, Some(&fault)).expect(0);
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}
