//! A folder with an `opsctl.yaml`, and the program run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const CONFIGURATION: &str = "version: 1
promises:
  retention: RETENTION
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
    /// The JSON document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}{}", self.stdout, self.stderr);
        })
    }
}

impl Place {
    /// A place with an empty database, where backups are kept so long.
    pub fn new(retention: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let configuration = CONFIGURATION.replace("RETENTION", retention);
        std::fs::write(place.0.path().join("opsctl.yaml"), configuration).unwrap();
        assert_eq!(place.run("migrate up").code, Some(0));
        place
    }

    /// Runs `opsctl` with these words.
    pub fn run(&self, words: &str) -> Ended {
        self.run_with(words, None)
    }

    /// Runs it with a fault.
    pub fn run_with(&self, words: &str, fault: Option<&str>) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(words.split(' '))
            .current_dir(self.0.path())
            .envs(fault.map(|fault| ("OPSCTL_FAULT", fault)));
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Ended {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// The boundaries that an undisturbed run passes.
    pub fn boundaries(&self, words: &str) -> usize {
        let file = self.0.path().join("boundaries");
        let fault = format!("count-into:{}", file.display());
        assert_eq!(self.run_with(words, Some(&fault)).code, Some(0));
        std::fs::read_to_string(file).unwrap().lines().count()
    }

    pub fn backup(&self) -> String {
        let ended = self.run("backup create --output json");
        let last = ended.stdout.lines().last().unwrap().to_owned();
        let last: Value = serde_json::from_str(&last).unwrap();
        last["result"]["backup"]["id"].as_str().unwrap().to_owned()
    }

    /// The names of all backups, oldest data first.
    pub fn backups(&self) -> Vec<String> {
        let listed = self.run("backup list --output json").json();
        assert_eq!(listed["unreadable"], Value::Array(Vec::new()));
        let all = listed["backups"].as_array().unwrap().iter();
        all.map(|backup| backup["id"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn file(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(".opsctl/local").join(path)
    }

    /// The operation that is open, if one is.
    pub fn open_operation(&self) -> Option<String> {
        let listed = self.run("operation list --open --output json").json();
        let operation = listed["operations"].as_array().unwrap().first()?;
        let id = &operation["operation"];
        Some(
            id.as_str()
                .unwrap_or_else(|| panic!("{operation}"))
                .to_owned(),
        )
    }
}
