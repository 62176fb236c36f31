//! A folder with an `opsctl.yaml`, and the programs run in it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
pub use testkit::application::program as application;
use testkit::postgres::Reaper;

use crate::service::Service;

const CONFIGURATION: &str = "version: 1
environments:
  local:
    database:
      engine: sqlite
    lock:
      lease: 2s
";

const POSTGRES: &str = "version: 1
environments:
  local-postgres:
    database:
      engine: local-postgres
      archive_timeout: 1s
    lock:
      lease: 2s
";

/// A folder with one environment.
pub struct Place {
    /// Ends servers, which outlive the commands that started them. Before the folder: it looks there.
    _reaper: Option<Reaper>,
    folder: tempfile::TempDir,
    environment: &'static str,
}

/// How a command ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

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

    /// The one JSON document of a read.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}", self.said()))
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

impl Place {
    /// A place with an empty SQLite database.
    pub fn new() -> Self {
        let place = Self::bare();
        place.run(&["migrate", "up"]).expect(0);
        place
    }

    /// A place where nothing was done yet.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("opsctl.yaml"), CONFIGURATION).unwrap();
        Self {
            _reaper: None,
            folder,
            environment: "local",
        }
    }

    /// A place whose PostgreSQL runs, with an empty database.
    pub fn postgres() -> Self {
        let folder = testkit::files::quick_tempdir().unwrap();
        // Root's servers run under another account.
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        std::fs::write(folder.path().join("opsctl.yaml"), POSTGRES).unwrap();
        let place = Self {
            _reaper: Some(Reaper::of(folder.path()).unwrap()),
            folder,
            environment: "local-postgres",
        };
        place.run(&["local-postgres", "start"]).expect(0);
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
        let mut command = self.command(words);
        command.args(["--output", "json"]);
        command.envs(fault.map(|fault| ("OPSCTL_FAULT", fault)));
        Ended::of(command.output().unwrap())
    }

    /// The command, for this environment, with nobody at the terminal.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(words)
            .args(["--env", self.environment])
            .current_dir(self.folder.path())
            .env_remove("GITHUB_ACTIONS")
            .stdin(Stdio::null());
        command
    }

    pub fn back_up(&self) -> String {
        let ended = self.run(&["backup", "create"]).expect(0);
        ended.result()["backup"]["id"].as_str().unwrap().to_owned()
    }

    /// Puts the key that evidence is signed with into the configuration.
    pub fn trust_own_key(&self) {
        let key = self.run(&["evidence", "key"]).expect(0).document();
        // JSON is YAML.
        let text = format!("{CONFIGURATION}trusted_keys: [{key}]\n");
        std::fs::write(self.folder.path().join("opsctl.yaml"), text).unwrap();
    }

    pub fn cut_over(&self) -> Ended {
        self.run(&["restore", "--cut-over", "--confirm", self.environment])
    }

    pub fn undo(&self) -> Ended {
        self.run(&["restore", "undo", "--confirm", self.environment])
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .join(".opsctl")
            .join(self.environment)
            .join(name)
    }

    /// Where `opsctl.yaml` lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
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
        let file = self.folder.path().join("boundaries");
        let fault = format!("count-into:{}", file.display());
        self.run_with(words, Some(&fault)).expect(0);
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}
