//! A real nginx with a configuration of the repository's, in a folder of its own; gone when the test ends, however it ends.
//!
//! Looks at `NGINX_BIN`, then `PATH`. Never installs anything.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    environment,
    leash::{Ending, Leash},
};

/// How long a start may take on a machine that is busy with other things.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running nginx.
#[derive(Debug)]
pub struct Nginx {
    leash: Leash,
    folder: PathBuf,
}

impl Nginx {
    /// Starts nginx with the files of `configuration`, of which those in `files` are replaced, and waits until it listens on
    /// `port` of 127.0.0.1.
    ///
    /// # Errors
    /// Says what to install where nginx is missing, and shows what nginx says where it does not start.
    pub fn start(configuration: &Path, files: &[(&str, String)], port: u16) -> Result<Self> {
        let program = find()?;
        let folder = tempfile::Builder::new()
            .prefix("testkit-nginx-")
            .tempdir()?
            .keep();
        fs::create_dir(folder.join("run"))?;
        for entry in fs::read_dir(configuration)? {
            let file = entry?.path();
            let name = file.file_name().context("a file without a name")?;
            fs::copy(&file, folder.join(name))?;
        }
        for (name, content) in files {
            fs::write(folder.join(name), content)?;
        }
        let mut command = Command::new(program);
        command.arg("-p").arg(&folder);
        command.args(["-c", "nginx.conf", "-g", "daemon off; user root;"]);
        let leash = Leash::start(&folder, &command)?;
        let nginx = Self { leash, folder };
        nginx.listens(port)?;
        Ok(nginx)
    }

    fn listens(&self, port: u16) -> Result<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let hope = self.leash.is_running() && began.elapsed() < START_LIMIT;
            ensure!(hope, "nginx does not start: {}", self.leash.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// The lines of its log of requests.
    #[must_use]
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.folder.join("run/access.log")).unwrap_or_default()
    }

    /// What it says of itself.
    #[must_use]
    pub fn log(&self) -> String {
        self.leash.log()
    }

    /// Ends it in order and waits; its folder goes as well.
    ///
    /// # Errors
    /// When the watching shell is gone.
    pub fn stop(self) -> Result<()> {
        let Self { leash, folder } = self;
        leash.end(Ending::Orderly)?;
        Ok(fs::remove_dir_all(folder)?)
    }
}

/// Finds the program.
///
/// # Errors
/// One line that says what to install where there is none.
pub fn find() -> Result<PathBuf> {
    let named = environment::folder("NGINX_BIN");
    named
        .into_iter()
        .chain(environment::search_path())
        .map(|folder| folder.join("nginx"))
        .find(|program| program.is_file())
        .context("no nginx on this machine: run `apt-get install -y nginx-light`, or set NGINX_BIN to its folder")
}
