//! The registry of CNCF's distribution project; gone when the test ends, however it ends.
//!
//! The lab's program, run by itself. Looks at `REGISTRY_BIN`, then where `cargo xtask lab` keeps what it builds. Never installs
//! anything.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    environment, lab,
    leash::{Ending, Leash},
    ports::free_port,
};

/// How long a start may take on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Whom the registry knows, where it wants to know anybody: the password below, as bcrypt keeps it.
const HTPASSWD: &str =
    "of-the-tests:$2b$04$abcdefghijklmnopqrstuuIkDlVUQUTUwHW5vKmFl2TKcHrQCgrO6\n";

/// A running registry.
#[derive(Debug)]
pub struct Registry {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    guarded: bool,
    leash: Option<Leash>,
}

impl Registry {
    /// Who may come in.
    pub const USER: &str = "of-the-tests";
    /// What proves it.
    pub const PASSWORD: &str = "only-of-the-tests";

    /// Starts an empty registry that is open to everybody on this machine.
    ///
    /// # Errors
    /// Says what to do where the program is missing, and shows the log where it does not start.
    pub fn start() -> Result<Self> {
        Self::start_as(false)
    }

    /// Starts an empty registry that asks for name and password.
    ///
    /// # Errors
    /// As [`Registry::start`].
    pub fn start_guarded() -> Result<Self> {
        Self::start_as(true)
    }

    fn start_as(guarded: bool) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("testkit-registry-")
            .tempdir()?
            .keep();
        let mut server = Self {
            program: find()?,
            folder,
            port: 0,
            guarded,
            leash: None,
        };
        server.launch()?;
        Ok(server)
    }

    /// `127.0.0.1:<port>`: what references begin with.
    #[must_use]
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends it; `start_again` brings it back with what it held.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn stop(&mut self) -> Result<()> {
        let leash = self.leash.take();
        leash.map_or(Ok(()), |leash| leash.end(Ending::Crash))
    }

    /// Starts a stopped registry on the same port.
    ///
    /// # Errors
    /// When it still runs or does not come up.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.leash.is_none(), "the registry is running");
        self.launch()
    }

    /// The file of a blob, to be damaged.
    #[must_use]
    pub fn file_of_blob(&self, hex: &str) -> PathBuf {
        let start = hex.get(..2).unwrap_or_default();
        let blobs = self.folder.join("data/docker/registry/v2/blobs/sha256");
        blobs.join(start).join(hex).join("data")
    }

    /// Starts until it runs: a port that was free may be taken by others.
    fn launch(&mut self) -> Result<()> {
        let keeps_port = self.port != 0;
        let began = Instant::now();
        loop {
            if !keeps_port {
                self.port = free_port()?;
            }
            fs::write(self.folder.join("htpasswd"), HTPASSWD)?;
            fs::write(self.folder.join("config.yml"), self.configuration())?;
            let leash = Leash::start(&self.folder, &self.command())?;
            while leash.is_running() && began.elapsed() < START_LIMIT {
                if self.is_ready().unwrap_or(false) {
                    self.leash = Some(leash);
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let log = leash.log();
            leash.end(Ending::Crash)?;
            let again = log.contains("in use") && began.elapsed() < START_LIMIT;
            ensure!(again, "the registry does not start: {log}");
        }
    }

    fn configuration(&self) -> String {
        let folder = self.folder.display();
        let mut text = format!(
            "version: 0.1\nlog:\n  level: warn\n  accesslog:\n    disabled: true\n\
             storage:\n  filesystem:\n    rootdirectory: {folder}/data\n  delete:\n    enabled: true\n\
             http:\n  addr: 127.0.0.1:{}\n  relativeurls: true\n",
            self.port
        );
        if self.guarded {
            let auth = format!(
                "auth:\n  htpasswd:\n    realm: of-the-tests\n    path: {folder}/htpasswd\n"
            );
            text.push_str(&auth);
        }
        text
    }

    fn command(&self) -> Command {
        let mut command = Command::new("/usr/bin/env");
        // It would tell a collector of traces on this machine what it does.
        command.args(["-i", "OTEL_TRACES_EXPORTER=none", "OTEL_SDK_DISABLED=true"]);
        command.arg(&self.program).arg("serve");
        command.arg(self.folder.join("config.yml"));
        command
    }

    /// Whether it answers, and as it should.
    fn is_ready(&self) -> Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /v2/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        let status = if self.guarded { "401" } else { "200" };
        Ok(said.starts_with(&format!("HTTP/1.1 {status}")))
    }
}

impl Drop for Registry {
    /// Where it runs, its leash removes the folder; a stopped one leaves that to us.
    fn drop(&mut self) {
        match self.leash.take() {
            Some(leash) => drop(leash),
            None => drop(fs::remove_dir_all(&self.folder)),
        }
    }
}

/// Finds the program. Other servers are called `registry` too, so that the PATH is not searched.
///
/// # Errors
/// One line that says what to do where there is none.
pub fn find() -> Result<PathBuf> {
    let named = environment::folder("REGISTRY_BIN");
    named
        .into_iter()
        .chain([lab::tools_folder()])
        .map(|folder| folder.join("registry"))
        .find(|program| program.is_file())
        .context("no registry on this machine: run `cargo xtask test integration`, which builds one, or set REGISTRY_BIN to its folder")
}
