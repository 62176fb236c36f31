//! Where Redis's programs are on this machine: `REDIS_BIN`, then `PATH`. Never installs anything.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::environment;

const SERVER: &str = "redis-server";
const CLIENT: &str = "redis-cli";

/// A folder that holds Redis's programs.
#[derive(Debug, Clone)]
pub struct RedisBinaries {
    folder: PathBuf,
}

impl RedisBinaries {
    /// Looks at one folder.
    ///
    /// # Errors
    /// Names the program that is missing.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        for program in [SERVER, CLIENT] {
            let here = folder.join(program).is_file();
            ensure!(here, "{} holds no {program}", folder.display());
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> PathBuf {
        self.folder.join(SERVER)
    }

    /// The client of the command line.
    #[must_use]
    pub fn client(&self) -> PathBuf {
        self.folder.join(CLIENT)
    }
}

/// Finds the Redis that tests run on.
///
/// # Errors
/// One line that says what to install where there is none.
pub fn find() -> Result<RedisBinaries> {
    if let Some(folder) = environment::folder("REDIS_BIN") {
        return RedisBinaries::in_folder(&folder).context("REDIS_BIN names an unusable folder");
    }
    environment::search_path()
        .iter()
        .find_map(|folder| RedisBinaries::in_folder(folder).ok())
        .context(
            "no Redis on this machine: run `apt-get install -y redis-server`, or set REDIS_BIN to its folder",
        )
}
