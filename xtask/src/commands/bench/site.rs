//! A platform to measure on: PostgreSQL, filled by `opsctl data seed`, with one backup.
//!
//! Lives in a temporary folder on the disk that temporary files lie on, and goes with its servers.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use testkit::{
    files::TempDir,
    postgres::{PostgresBinaries, Reaper},
};

use crate::{
    checkout::Checkout,
    machine::{child, postgres},
    terminal::say,
};

const CONFIGURATION: &str = "version: 1
environments:
  bench:
    database:
      engine: local-postgres
  bench-sqlite:
    database:
      engine: sqlite
";

/// The rows that are measured with.
pub const ROWS: [(&str, u32); 3] = [
    ("--users", 10_000),
    ("--posts", 100_000),
    ("--comments", 1_000_000),
];

/// The platform.
pub struct Site {
    /// PostgreSQL's programs.
    pub binaries: PostgresBinaries,
    /// How long the seeding of the rows took, in seconds.
    pub seeded_in: f64,
    opsctl: PathBuf,
    /// Ends the servers, which outlive whoever started them. Before the folder: it looks for them there.
    _reaper: Reaper,
    folder: TempDir,
}

impl Site {
    /// Builds opsctl, starts a PostgreSQL, fills it and backs it up.
    pub fn set_up(checkout: &Checkout) -> Result<Self> {
        let binaries = postgres::require()?;
        let build = [
            "build",
            "--release",
            "--locked",
            "--package",
            "opsctl",
            "--package",
            "app",
        ];
        child::run(&mut checkout.cargo(build))?;
        let built = checkout.optimised_folder()?;
        let folder = TempDir::new()?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        // Beside the application, and where PostgreSQL's account can run it.
        for program in ["opsctl", "app"] {
            fs::copy(built.join(program), folder.path().join(program))?;
        }
        fs::write(folder.path().join("opsctl.yaml"), CONFIGURATION)?;
        let mut site = Self {
            binaries,
            seeded_in: 0.0,
            opsctl: folder.path().join("opsctl"),
            _reaper: Reaper::of(folder.path())?,
            folder,
        };
        site.fill()?;
        Ok(site)
    }

    fn fill(&mut self) -> Result<()> {
        say("filling a PostgreSQL with 1,110,000 rows …");
        self.opsctl(&["local-postgres", "start"])?;
        let rows = ROWS.map(|(name, rows)| format!("{name}={rows}"));
        let words = [
            &["data", "seed", "--yes"][..],
            &rows.each_ref().map(String::as_str),
        ]
        .concat();
        let started = std::time::Instant::now();
        self.opsctl(&words)?;
        self.seeded_in = started.elapsed().as_secs_f64();
        // What autovacuum would do soon must not fall into one candidate's turn.
        self.psql(&self.live()?, "VACUUM (ANALYZE, FREEZE)")?;
        self.opsctl(&["backup", "create"])?;
        Ok(())
    }

    /// Runs opsctl in the environment; the last line of its JSON.
    pub fn opsctl(&self, words: &[&str]) -> Result<Value> {
        let mut command = self.command(words);
        let mut running = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(running.stdout.take().context("stdout")?).lines();
        let text: Vec<String> = lines.collect::<std::io::Result<_>>()?;
        let status = running.wait()?;
        let last = text.last().cloned().unwrap_or_default();
        ensure!(
            status.success(),
            "opsctl {}: {status}: {last}",
            words.join(" ")
        );
        // A document may have many lines; of events the last one holds the result.
        let whole = serde_json::from_str(&text.join("\n"));
        Ok(whole.or_else(|_| serde_json::from_str(&last))?)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.opsctl);
        command.current_dir(self.folder.path()).args(words);
        command.args(["--env", "bench", "--output", "json"]);
        command.stdin(Stdio::null());
        command
    }

    /// The descriptor of an empty SQLite database, migrated.
    pub fn sqlite(&self) -> Result<PathBuf> {
        let mut migrate = Command::new(&self.opsctl);
        migrate.current_dir(self.folder.path());
        migrate.args(["--env", "bench-sqlite", "migrate", "up", "--yes"]);
        child::output(&mut migrate)?;
        Ok(self.place(".opsctl/bench-sqlite/database.json"))
    }

    /// The administrator's way into the live database.
    pub fn live(&self) -> Result<String> {
        let status = self.opsctl(&["local-postgres", "status"])?;
        let data = status["data"]
            .as_str()
            .context("the status names no data folder")?;
        way_into(Path::new(data), "app")
    }

    /// Runs SQL and drops what it answers.
    pub fn psql(&self, database: &str, sql: &str) -> Result<()> {
        let mut psql = Command::new(self.binaries.program("psql"));
        psql.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            sql,
        ]);
        child::output(&mut psql).map(drop)
    }

    /// A place for files of the candidates.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The URL of a running server's database, through its socket.
pub fn way_into(data: &Path, database: &str) -> Result<String> {
    let note = fs::read_to_string(data.join("postmaster.pid")).context("is the server up?")?;
    let line = |number: usize| note.lines().nth(number).context("postmaster.pid");
    Ok(format!(
        "postgres://postgres@localhost:{}/{database}?host={}",
        line(3)?,
        line(4)?
    ))
}
