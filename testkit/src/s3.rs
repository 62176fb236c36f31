//! A real S3 server (MinIO) with buckets that are open to nobody but its owner; gone when the test ends, however it ends.
//!
//! Looks at `MINIO_BIN`, then `PATH`, then where `cargo xtask test` builds one. Never installs anything.

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
    environment,
    leash::{Ending, Leash},
    ports::free_port,
};

/// How long a start may take on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(90);

/// What stands for KMS: 32 bytes that protect nothing but rows of tests. Only buckets that ask for it are encrypted.
const KMS_KEY: &str = "of-the-tests:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

/// Whose server it is, and where.
#[derive(Clone)]
pub struct Owner {
    /// What the owner is called.
    pub access_key: String,
    /// What the owner signs with.
    pub secret_key: String,
    /// The port; 0 is any.
    pub port: u16,
    /// The buckets that are there from the beginning.
    pub buckets: Vec<String>,
}

/// A running server.
#[derive(Debug)]
pub struct S3 {
    program: PathBuf,
    folder: PathBuf,
    owner: Owner,
    port: u16,
    leash: Option<Leash>,
}

impl S3 {
    /// The one bucket.
    pub const BUCKET: &str = "of-the-tests";
    /// Its owner.
    pub const ACCESS_KEY: &str = "of-the-tests";
    /// What the owner signs with.
    pub const SECRET_KEY: &str = "only-of-the-tests";

    /// Starts a server with an empty bucket.
    ///
    /// # Errors
    /// Says what to do where MinIO is missing, and shows the log where it does not start.
    pub fn start() -> Result<Self> {
        Self::start_as(Self::ACCESS_KEY, Self::SECRET_KEY)
    }

    /// Starts a server whose owner has those keys: of an AWS beside it.
    ///
    /// # Errors
    /// As [`S3::start`].
    pub fn start_as(access_key: &str, secret_key: &str) -> Result<Self> {
        Self::start_for(Owner {
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
            port: 0,
            buckets: vec![Self::BUCKET.to_owned()],
        })
    }

    /// Starts a server of somebody's, with their empty buckets.
    ///
    /// # Errors
    /// As [`S3::start`]; where a port was named, when it is taken.
    pub fn start_for(owner: Owner) -> Result<Self> {
        ensure!(
            !owner.buckets.is_empty(),
            "a server without buckets can't be asked whether it is there"
        );
        let folder = tempfile::Builder::new()
            .prefix("testkit-s3-")
            .tempdir()?
            .keep();
        for bucket in &owner.buckets {
            fs::create_dir_all(folder.join("data").join(bucket))?;
        }
        let mut server = Self {
            program: find()?,
            folder,
            port: owner.port,
            owner,
            leash: None,
        };
        server.launch()?;
        Ok(server)
    }

    /// For `AWS_ENDPOINT_URL_S3`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends the server; `start_again` brings it back with what it held.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn stop(&mut self) -> Result<()> {
        let leash = self.leash.take();
        leash.map_or(Ok(()), |leash| leash.end(Ending::Crash))
    }

    /// Starts a stopped server on the same port.
    ///
    /// # Errors
    /// When it still runs or does not come up.
    pub fn start_again(&mut self) -> Result<()> {
        ensure!(self.leash.is_none(), "the server is running");
        self.launch()
    }

    /// Makes the server hang, connections open and no answer, or go on.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn hang(&self, hangs: bool) -> Result<()> {
        let leash = self.leash.as_ref().context("the server is stopped")?;
        leash.signal(if hangs { "STOP" } else { "CONT" })
    }

    /// Starts until it runs: a port that was free may be taken by others.
    fn launch(&mut self) -> Result<()> {
        let keeps_port = self.port != 0;
        let began = Instant::now();
        loop {
            if !keeps_port {
                self.port = free_port()?;
            }
            let leash = Leash::start(&self.folder, &self.command())?;
            while leash.is_running() && began.elapsed() < START_LIMIT {
                if self.is_ready().unwrap_or(false) {
                    self.leash = Some(leash);
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            let log = leash.log();
            leash.end(Ending::Crash)?;
            let again = log.contains("in use") && began.elapsed() < START_LIMIT;
            ensure!(again, "MinIO does not start: {log}");
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("/usr/bin/env");
        command.args([
            "-i",
            "MINIO_BROWSER=off",
            "MINIO_UPDATE=off",
            "MINIO_CI_CD=1",
        ]);
        command.arg(format!("MINIO_KMS_SECRET_KEY={KMS_KEY}"));
        command.arg(format!("HOME={}", self.folder.display()));
        command.arg(format!("MINIO_ROOT_USER={}", self.owner.access_key));
        command.arg(format!("MINIO_ROOT_PASSWORD={}", self.owner.secret_key));
        command.arg(&self.program).args(["server", "--address"]);
        command.arg(format!("127.0.0.1:{}", self.port));
        command.arg(self.folder.join("data"));
        command
    }

    /// Whether it knows its bucket and turns strangers away from it.
    fn is_ready(&self) -> Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let bucket = self.owner.buckets.first().map_or("none", String::as_str);
        let ask =
            format!("GET /{bucket}/none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes())?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        Ok(said.starts_with("HTTP/1.1 403"))
    }
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Owner({})", self.access_key)
    }
}

impl Drop for S3 {
    /// Where the server runs, its leash removes the folder; a stopped one leaves that to us.
    fn drop(&mut self) {
        match self.leash.take() {
            Some(leash) => drop(leash),
            None => drop(fs::remove_dir_all(&self.folder)),
        }
    }
}

/// Finds the program.
///
/// # Errors
/// One line that says what to do where there is none.
pub fn find() -> Result<PathBuf> {
    let named = environment::folder("MINIO_BIN");
    named
        .into_iter()
        .chain(environment::search_path())
        .chain([environment::tools().join("minio")])
        .map(|folder| folder.join("minio"))
        .find(|program| program.is_file())
        .context("no MinIO on this machine: run `cargo xtask test integration`, which builds one, or set MINIO_BIN to its folder")
}
