//! A checkout with a small program called `app`, and opsctl run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use testkit::registry::Registry;

const CONFIGURATION: &str = "version: 1
environments:
  local:
    database:
      engine: sqlite
    lock:
      lease: 2s
    images:
      repository: HOST/team/app
";

const WORKSPACE: &str = "[workspace]
resolver = \"3\"
members = [\"app\"]

[profile.release]
strip = \"symbols\"
";

const PACKAGE: &str = "[package]
name = \"app\"
version = \"0.3.0\"
edition = \"2024\"
license = \"MIT\"
";

/// Says where it was compiled, if it knows; and its version, so that another text makes another program.
const PROGRAM: &str = "//! Greets.

fn main() {
    println!(\"hello of WORD from {}\", file!());
    if std::env::args().count() > 5 {
        panic!(\"so that the program carries a place\");
    }
}
";

const LOCK: &str = "version = 4

[[package]]
name = \"app\"
version = \"0.3.0\"
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
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }

    /// The one document of a read, or the result of an operation.
    pub fn document(&self) -> Value {
        let whole = serde_json::from_str(&self.stdout);
        whole.unwrap_or_else(|_| {
            let last = self.stdout.lines().last().unwrap_or_default();
            let last: Value = serde_json::from_str(last).unwrap();
            last["result"].clone()
        })
    }
}

impl Place {
    /// A checkout whose images go to that registry.
    pub fn before(registry: &Registry) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write(
            "opsctl.yaml",
            &CONFIGURATION.replace("HOST", &registry.host()),
        );
        place.write("Cargo.toml", WORKSPACE);
        place.write("Cargo.lock", LOCK);
        place.write("app/Cargo.toml", PACKAGE);
        place.write("app/src/main.rs", &PROGRAM.replace("WORD", "one"));
        place.write(".gitignore", "/target\n/.opsctl\n*.tar\n");
        place.git(&["init", "--quiet"]);
        place.commit();
        place
    }

    /// Another program, in a commit of its own.
    pub fn change(&self, word: &str) {
        self.write("app/src/main.rs", &PROGRAM.replace("WORD", word));
        self.commit();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// At a fixed time, so that two places have the same commit.
    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "a change"]);
    }

    fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(self.path()).args(words);
        for role in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{role}_NAME"), "tests");
            git.env(format!("GIT_{role}_EMAIL"), "tests@example.com");
            git.env(format!("GIT_{role}_DATE"), "2026-11-23T12:00:00Z");
        }
        assert!(git.status().unwrap().success(), "git {words:?}");
    }

    pub fn run(&self, words: &str) -> Ended {
        self.run_with(words, &[])
    }

    pub fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(words.split(' '))
            .args(["--output", "json"])
            .current_dir(self.path())
            .stdin(Stdio::null())
            // Cargo's own tests run under cargo: its settings are not those of the checkout.
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("SOURCE_DATE_EPOCH")
            .env("DOCKER_CONFIG", self.path().join(".docker"))
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The operation that is open, if there is one.
    pub fn open_operation(&self) -> Option<String> {
        let listed = self.run("operation list --open").expect(0).document();
        let operation = listed["operations"].as_array().unwrap().first()?;
        Some(operation["operation"].as_str().unwrap().to_owned())
    }

    /// The boundaries that an undisturbed run passes.
    pub fn boundaries(&self, words: &str) -> usize {
        let file = self.path().join(".opsctl/boundaries");
        let fault = format!("count-into:{}", file.display());
        self.run_with(words, &[("OPSCTL_FAULT", &fault)]).expect(0);
        std::fs::read_to_string(file).unwrap().lines().count()
    }

    /// The program as it was built.
    pub fn binary(&self) -> PathBuf {
        let target = format!("target/{}-unknown-linux-gnu", std::env::consts::ARCH);
        self.path().join(target).join("release/app")
    }
}
