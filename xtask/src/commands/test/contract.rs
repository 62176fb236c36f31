//! The running service beside its own description: requests that the description allows and requests that it forbids, as
//! schemathesis makes them up, on both databases.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testkit::{files::TempDir, postgres::Reaper};

use crate::{
    checkout::Checkout,
    machine::{child, python},
    terminal::say,
};

/// Where the rules of the trial lie, from the root of the clone.
const RULES: &str = "app/tests/contract";
/// The platforms that are tried, by their environment in `opsctl.yaml`, and what starts what they need.
const PLATFORMS: [(&str, &[&str]); 2] = [
    ("local", &[]),
    ("local-postgres", &["local-postgres", "start"]),
];
/// Longer than any platform takes to come up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Installs schemathesis where it is missing.
pub fn require(checkout: &Checkout) -> Result<PathBuf> {
    let programs = python::environment("schemathesis", &checkout.root.join(RULES))?;
    Ok(programs.join("st"))
}

/// Tries every platform.
pub fn check(checkout: &Checkout, schemathesis: &Path) -> Result<()> {
    let build = [
        "build",
        "--locked",
        "--package",
        "opsctl",
        "--package",
        "app",
    ];
    child::run(&mut checkout.cargo(build))?;
    for (environment, before) in PLATFORMS {
        say(&format!("the contract on {environment}"));
        let platform = Platform::up(checkout, environment, before)?;
        let mut tried = Command::new(schemathesis);
        tried.current_dir(checkout.root.join(RULES));
        tried.args(["--config-file", "schemathesis.toml", "run", "--no-color"]);
        tried.env("PYTHONDONTWRITEBYTECODE", "1");
        child::run(tried.arg(format!("{}/openapi.json", platform.url)))
            .with_context(|| format!("the contract on {environment}"))?;
    }
    Ok(())
}

/// A whole platform in a folder of its own; it goes with this value.
struct Platform {
    up: Child,
    url: String,
    /// Before the folder: it looks for servers there.
    _reaper: Reaper,
    _folder: TempDir,
}

impl Platform {
    fn up(checkout: &Checkout, environment: &str, before: &[&str]) -> Result<Self> {
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
            _folder: folder,
        };
        platform.url = platform.listens(&log)?;
        Ok(platform)
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
