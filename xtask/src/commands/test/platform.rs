//! A whole platform, as `opsctl up` starts it, for the parts that look at it from outside.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testkit::{files::TempDir, leash::Leash, postgres::Reaper};

use crate::{checkout::Checkout, machine::child};

/// Longer than any platform takes to come up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A whole platform in a folder of its own; it goes with this value.
pub struct Platform {
    up: Child,
    /// Where clients find it.
    pub url: String,
    /// Before the folder: it looks for servers there.
    _reaper: Reaper,
    folder: TempDir,
}

impl Platform {
    /// Builds the programs that it is made of.
    pub fn build(checkout: &Checkout) -> Result<()> {
        let build = [
            "build",
            "--locked",
            "--package",
            "opsctl",
            "--package",
            "app",
        ];
        child::run(&mut checkout.cargo(build))
    }

    /// In an environment of `opsctl.yaml`, after the commands that it needs first.
    pub fn up(checkout: &Checkout, environment: &str, before: &[&str]) -> Result<Self> {
        let folder = TempDir::new()?;
        // PostgreSQL's account must come in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let built = checkout.built_folder()?;
        for program in ["opsctl", "app"] {
            fs::copy(built.join(program), folder.path().join(program))?;
        }
        fs::copy(
            checkout.root.join("opsctl.yaml"),
            folder.path().join("opsctl.yaml"),
        )?;
        let reaper = Reaper::of(folder.path())?;
        let opsctl = |words: &[&str]| {
            let mut command = Command::new(folder.path().join("opsctl"));
            command.current_dir(folder.path()).stdin(Stdio::null());
            command.args(["--env", environment]).args(words);
            command
        };
        if !before.is_empty() {
            child::output(&mut opsctl(before))?;
        }
        let log = folder.path().join("up.log");
        let output = File::create(&log)?;
        let mut up = opsctl(&["up", "--port", "0", "--no-drill"]);
        let up = up.stdout(output.try_clone()?).stderr(output).spawn()?;
        let mut platform = Self {
            up,
            url: String::new(),
            _reaper: reaper,
            folder,
        };
        platform.url = platform.listens(&log)?;
        Ok(platform)
    }

    /// What its measurements are read at, which the service says in its first line.
    pub fn measurements(&self, environment: &str) -> Result<String> {
        let log = fs::read_to_string(self.place(environment).join("app.log"))?;
        let lines = log.lines().map(serde_json::from_str::<serde_json::Value>);
        let mut addresses =
            lines.filter_map(|line| Some(line.ok()?["metrics"].as_str()?.to_owned()));
        let address = addresses.next().context("the log names no measurements")?;
        let address = address.trim_start_matches("http://");
        Ok(address.trim_end_matches("/metrics").to_owned())
    }

    /// The service once more, on ports of its own, with variables that `up` does not give it.
    pub fn service(&self, environment: &str, more: &[(&str, &str)]) -> Result<Leash> {
        let place = self.place(environment);
        let mut command = Command::new("env");
        command.args(["-i", "APP_ENV=development", "APP_PORT=0"]);
        for (name, value) in [
            ("DATABASE_DESCRIPTOR", place.join("database.json")),
            ("SECRETS_FILE", self.secrets_file(environment)),
            ("STORAGE_DIR", place.join("documents")),
        ] {
            command.arg(format!("{name}={}", value.display()));
        }
        let more = more.iter().map(|(name, value)| format!("{name}={value}"));
        command.args(more).arg(self.folder.path().join("app"));
        Leash::start(&testkit::files::tempdir()?.keep(), &command)
    }

    /// Where the service reads its secrets.
    pub fn secrets_file(&self, environment: &str) -> PathBuf {
        self.place(environment).join("secrets.json")
    }

    /// What is of one environment alone.
    fn place(&self, environment: &str) -> PathBuf {
        self.folder.path().join(".opsctl").join(environment)
    }

    /// What opsctl, called in this place, says.
    pub fn opsctl(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(self.folder.path().join("opsctl"));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        Ok(String::from_utf8(child::output(command.args(words))?)?)
    }

    /// The address that `up` names, once it is all there.
    fn listens(&mut self, log: &Path) -> Result<String> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let said = fs::read_to_string(log)?;
            if said.contains("Ctrl-C stops it") {
                let address = said
                    .split_whitespace()
                    .find(|word| word.starts_with("http://"));
                return Ok(address.context("up names no address")?.to_owned());
            }
            if let Some(status) = self.up.try_wait()? {
                bail!("opsctl up ended with {status}: {said}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("opsctl up did not come up: {}", fs::read_to_string(log)?)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // It holds the service on a leash, which ends with it.
        let _gone = self.up.kill();
        let _reaped = self.up.wait();
    }
}
