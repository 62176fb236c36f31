//! A machine that opsctl runs on: a folder of its own, and the same account as every other.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use testkit_aws::Keys;

use crate::stage::Stage;

const CONFIGURATION: &str = r#"version: 1
environments:
  staging:
    database:
      engine: rds
      instance: orders
      tls: off
      poll_every: 20ms
      restore_with:
        subnet_group: private
        drill_group_ids: [sg-drill]
    aws:
      account: "111111111111"
      region: eu-central-1
      backup_region: eu-west-1
      name: platform-staging
      buckets: { state: state, evidence: evidence, backups: backups }
    lock:
      lease: 5s
"#;

/// One machine.
pub struct Runner {
    folder: tempfile::TempDir,
    urls: [String; 2],
    keys: Keys,
}

/// How a command ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The last JSON document on stdout: the result of an operation.
    pub fn result(&self) -> Value {
        let last = self.stdout.lines().last();
        let last = last.unwrap_or_else(|| panic!("{}", self.said()));
        serde_json::from_str::<Value>(last).unwrap()["result"].clone()
    }

    /// The one JSON document of a read.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}", self.said()))
    }

    /// Everything that it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said());
        self
    }
}

impl Runner {
    /// A machine of that account.
    pub fn of(stage: &Stage) -> Self {
        let runner = Self {
            folder: tempfile::tempdir().unwrap(),
            urls: [stage.aws.url(), stage.s3.url()],
            keys: stage.aws.account().keys.clone(),
        };
        runner.configure(|text| text.to_owned());
        runner
    }

    /// The same with other keys.
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { keys, ..self }
    }

    /// Writes `opsctl.yaml`, changed.
    pub fn configure(&self, change: impl Fn(&str) -> String) {
        let file = self.folder.path().join("opsctl.yaml");
        std::fs::write(file, change(CONFIGURATION)).unwrap();
    }

    /// Writes another file beside it.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Lets the environment's own evidence count.
    pub fn trust_own_key(&self) {
        let key = self.run(&["evidence", "key"]).expect(0).document();
        // JSON is YAML.
        self.configure(|text| format!("{text}trusted_keys: [{key}]\n"));
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        self.run_with(words, None)
    }

    /// Runs it with a fault.
    pub fn run_with(&self, words: &[&str], fault: Option<&str>) -> Ended {
        let mut command = self.command(words);
        command.envs(fault.map(|fault| ("OPSCTL_FAULT", fault)));
        Ended::of(command.output().unwrap())
    }

    /// Runs it as a log shows it.
    pub fn run_plainly(&self, words: &[&str]) -> Ended {
        Ended::of(self.spoken(words, "plain").output().unwrap())
    }

    /// The command, for this environment, with nobody at the terminal.
    pub fn command(&self, words: &[&str]) -> Command {
        self.spoken(words, "json")
    }

    fn spoken(&self, words: &[&str], output: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command
            .args(words)
            .args(["--env", "staging", "--output", output])
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &self.urls[0])
            .env("AWS_ENDPOINT_URL_S3", &self.urls[1])
            .env("AWS_ACCESS_KEY_ID", &self.keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.keys.secret_access_key)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_PROFILE")
            .env_remove("GITHUB_ACTIONS")
            .stdin(Stdio::null());
        command
    }

    /// Makes a plan and does not run it: its file, and the name that what it makes will have.
    pub fn planned(&self, words: &[&str]) -> (String, String) {
        let file = self.folder.path().join("plan.json");
        drop(std::fs::remove_file(&file));
        let file = file.to_str().unwrap().to_owned();
        let kept = ["--plan-out", file.as_str()];
        self.run(&[words, &kept].concat()).expect(0);
        let plan: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        (file, plan["operation"].as_str().unwrap().to_owned())
    }

    /// Takes a backup; its name.
    pub fn back_up(&self) -> String {
        let ended = self.run(&["backup", "create"]).expect(0);
        ended.result()["backup"]["id"].as_str().unwrap().to_owned()
    }

    /// The operation that is open, if one is.
    pub fn open_operation(&self) -> Option<String> {
        let listed = self.run(&["operation", "list", "--open"]).expect(0);
        let document = listed.document();
        let operation = document["operations"].as_array().unwrap().first()?;
        Some(operation["operation"].as_str().unwrap().to_owned())
    }

    /// Goes on with the open operation, as another machine would.
    pub fn resume(&self) -> Ended {
        let operation = self.open_operation().unwrap();
        self.run(&["operation", "resume", &operation, "--lock-wait", "30s"])
    }

    /// The boundaries that an undisturbed run passes.
    pub fn boundaries(&self, words: &[&str]) -> Vec<String> {
        let file = self.folder.path().join("boundaries");
        let fault = format!("count-into:{}", file.display());
        self.run_with(words, Some(&fault)).expect(0);
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// Runs it until it is killed at that one of its boundaries.
    pub fn killed_at(&self, words: &[&str], boundaries: &[String], step: &str) {
        let at = boundaries.iter().position(|known| known == step);
        let at = at.unwrap_or_else(|| panic!("no {step} in {boundaries:?}"));
        let killed = self.run_with(words, Some(&format!("kill-at:{at}")));
        assert_eq!(killed.code, None, "not killed at {step}: {}", killed.said());
    }
}
