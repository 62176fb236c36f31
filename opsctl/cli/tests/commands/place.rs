//! A folder with an `opsctl.yaml`, and the program run in it with nobody at the terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::running::{Gate, Running};

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
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Place {
    /// A place with this `opsctl.yaml`.
    pub fn with(configuration: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.0.path().join("opsctl.yaml"), configuration).unwrap();
        place
    }

    /// A place with an empty database.
    pub fn new() -> Self {
        let place = Self::with(CONFIGURATION);
        let ended = place.run("migrate up");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        place
    }

    pub fn run(&self, words: &str) -> Ended {
        self.run_with(words, &[])
    }

    pub fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Ended {
        Ended::of(&self.command(words, variables).output().unwrap())
    }

    fn command(&self, words: &str, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(words.split(' '))
            .current_dir(self.0.path())
            .env_remove("GITHUB_ACTIONS")
            .env_remove("CI")
            .envs(variables.iter().copied())
            .stdin(Stdio::null());
        command
    }

    /// Runs it as somebody whose surroundings are always the same.
    pub fn run_as_ada(&self, words: &str) -> Ended {
        let mut command = self.command(words, &[]);
        command.env_clear().env("USER", "ada").env("PATH", "/bin");
        Ended::of(&command.output().unwrap())
    }

    /// Starts it, and goes on.
    pub fn start(&self, words: &str, variables: &[(&str, &str)]) -> Running {
        Running::of(self.command(words, variables))
    }

    /// Starts it and waits until it stands at this boundary, its number and its name, until the gate is dropped.
    pub fn start_until(&self, words: &str, boundary: (usize, &str)) -> (Running, Gate) {
        let (gate, fault) = Gate::new(self.0.path(), boundary.0);
        let mut running = self.start(words, &[("OPSCTL_FAULT", &fault)]);
        assert_eq!(gate.reached(&mut running), boundary.1);
        (running, gate)
    }

    /// Where `opsctl.yaml` lies.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.0.path().join(".opsctl/local").join(path)
    }

    pub fn descriptor(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file("database.json")).unwrap()).unwrap()
    }

    /// The boundaries that an undisturbed run passes.
    pub fn boundaries(&self, words: &str) -> usize {
        let file = self.0.path().join("boundaries");
        let fault = format!("count-into:{}", file.display());
        let ended = self.run_with(words, &[("OPSCTL_FAULT", &fault)]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        std::fs::read_to_string(file).unwrap().lines().count()
    }

    /// The operation that is open, if one is.
    pub fn open_operation(&self) -> Option<String> {
        let listed = self.run("operation list --open --output json");
        let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
        let operation = listed["operations"].as_array().unwrap().first()?;
        Some(operation["operation"].as_str().unwrap().to_owned())
    }
}
