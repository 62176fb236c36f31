//! The running server as tests see it.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    Account, PostgresBinaries, find,
    supervisor::{Stop, Supervisor},
    template,
};
use crate::ports::free_port;

/// How long a start may take on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A PostgreSQL server that belongs to one test. Dropping it stops the server and removes its folder; so
/// does the death of the test process.
#[derive(Debug)]
pub struct Postgres {
    account: Account,
    binaries: PostgresBinaries,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    /// Who comes in without a password.
    administrator: String,
    port: u16,
    supervisor: Option<Supervisor>,
}

impl Postgres {
    /// Starts a server with an empty database `app`.
    ///
    /// # Errors
    /// Says what to install where PostgreSQL is missing, and shows the log where it doesn't start.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with settings of `postgresql.conf`, such as `("wal_level", "logical")`.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_with(settings: &[(&str, &str)]) -> Result<Self> {
        let mut server = Self::prepare(settings)?;
        server.begin()?;
        Ok(server)
    }

    /// The folder and the settings of a server that does not run yet.
    pub(super) fn prepare(settings: &[(&str, &str)]) -> Result<Self> {
        let account = Account::choose()?;
        let binaries = find()?;
        let folder = tempfile::Builder::new()
            .prefix("server-")
            .tempdir_in(account.root_folder()?)?
            .keep();
        account.own(&folder)?;
        let mut server = Self {
            account,
            binaries,
            folder,
            settings: Vec::new(),
            administrator: "postgres".to_owned(),
            port: 0,
            supervisor: None,
        };
        for (name, value) in settings {
            server.set(name, value);
        }
        Ok(server)
    }

    /// Starts on a data folder of its own.
    pub(super) fn begin(&mut self) -> Result<()> {
        let template = template::find_or_build(&self.account, &self.binaries)?;
        self.launch(Some(&template))
    }

    /// Starts on a data folder that was put there.
    pub(super) fn begin_on_copy(&mut self) -> Result<()> {
        self.launch(None)
    }

    /// Adds a setting, for the next start.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn settings(&self) -> Vec<(&str, &str)> {
        let pairs = self.settings.iter();
        pairs
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn administrator(&self) -> &str {
        &self.administrator
    }

    pub(super) fn administered_by(&mut self, name: &str) {
        name.clone_into(&mut self.administrator);
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The administrator's URL of the database `app`.
    #[must_use]
    pub fn url(&self) -> String {
        self.admin_url("app")
    }

    /// The administrator's URL of any database, such as `postgres`.
    #[must_use]
    pub fn admin_url(&self, database: &str) -> String {
        let administrator = &self.administrator;
        format!(
            "postgres://{administrator}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Creates an empty database and returns the administrator's URL of it.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create_database(&self, name: &str) -> Result<String> {
        let quoted = name.replace('"', "\"\"");
        self.execute("postgres", &format!("CREATE DATABASE \"{quoted}\""))?;
        Ok(self.admin_url(name))
    }

    /// Runs SQL as administrator; returns the rows as `psql` prints them: unaligned, without headings.
    ///
    /// # Errors
    /// With the server's message when a statement fails.
    pub fn execute(&self, database: &str, sql: &str) -> Result<String> {
        let output = Command::new(self.binaries.program("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .arg(self.admin_url(database))
            .output()
            .context("run psql")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{sql}: {}", errors.trim());
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server's first process; none while it is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.supervisor.as_ref().map(Supervisor::server)
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The programs that this server was started from.
    #[must_use]
    pub fn binaries(&self) -> &PostgresBinaries {
        &self.binaries
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    /// Stops in order: sessions end, a checkpoint is written.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn stop(&mut self) -> Result<()> {
        self.end(Stop::Fast)
    }

    /// Stops at once, without a checkpoint.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn stop_immediately(&mut self) -> Result<()> {
        self.end(Stop::Immediate)
    }

    /// Kills the server's first process with -9.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn crash(&mut self) -> Result<()> {
        self.end(Stop::Crash)
    }

    /// Starts a stopped server again, on the same port and folder.
    ///
    /// # Errors
    /// When it still runs or doesn't come up.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.supervisor.is_none(), "the server is running");
        self.launch(None)
    }

    fn end(&mut self, how: Stop) -> Result<()> {
        self.supervisor
            .take()
            .map_or(Ok(()), |running| running.stop(how))
    }

    /// Starts until it runs: a port may be taken by others, a killed run's memory may not be free yet.
    fn launch(&mut self, mut template: Option<&Path>) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        let keeps_port = self.port != 0;
        loop {
            if !keeps_port {
                self.port = free_port()?;
            }
            let logged = self.log().len();
            let command = self.command_line();
            let command: Vec<_> = command.iter().map(OsString::as_os_str).collect();
            let running = Supervisor::spawn(&self.account, &self.folder, template, &command)?;
            template = None;
            if self.becomes_ready(&running, deadline) {
                self.supervisor = Some(running);
                return Ok(());
            }
            running.stop(Stop::Immediate)?;
            let log = self.log().split_off(logged);
            let passing = log.contains("could not create any TCP/IP sockets")
                || log.contains("is still in use");
            if !passing || Instant::now() > deadline {
                bail!("PostgreSQL does not start: {log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn command_line(&self) -> Vec<OsString> {
        let mut line = vec![self.binaries.program("postgres").into_os_string()];
        line.extend(["-D".into(), self.data_dir().into_os_string()]);
        line.extend(["-c".into(), format!("port={}", self.port).into()]);
        for (name, value) in &self.settings {
            line.extend(["-c".into(), format!("{name}={value}").into()]);
        }
        line
    }

    /// Reads what the server writes about itself, as `pg_ctl` does: no connection is needed for that.
    fn becomes_ready(&self, running: &Supervisor, deadline: Instant) -> bool {
        let own = running.server().to_string();
        while Instant::now() < deadline {
            let text = fs::read_to_string(self.data_dir().join("postmaster.pid"));
            let text = text.unwrap_or_default();
            let mut lines = text.lines().map(str::trim);
            if lines.next() == Some(own.as_str()) && lines.nth(6) == Some("ready") {
                return true;
            }
            if !running.is_running() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        false
    }
}

impl Drop for Postgres {
    /// Where the server runs, its supervisor removes the folder; a stopped one leaves that to us.
    fn drop(&mut self) {
        match self.supervisor.take() {
            Some(running) => drop(running),
            None => drop(fs::remove_dir_all(&self.folder)),
        }
    }
}
