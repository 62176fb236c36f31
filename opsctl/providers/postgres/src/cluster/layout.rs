//! Which file lies where below `.opsctl/<environment>/postgres/`.
//!
//! ```text
//! clusters/<lineage>/cluster.json   what it is: the database, or a copy and whose
//!                    data/          PostgreSQL's own folder
//!                    run/           socket and server log; for the server's account alone
//! archive/<lineage>/                the write-ahead log, one file a segment
//! backups/<backup>/                 base backups
//! program/                          opsctl, where the servers' account can't get to the operator's
//! ```

use std::{
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use opsctl_core::{
    Failure, Result,
    names::{BackupId, LineageId},
    ports::{Engine, Location},
};
use sha2::{Digest, Sha256};

use super::record::ClusterRecord;

/// PostgreSQL's administrator; reachable through the socket alone.
pub const ADMINISTRATOR: &str = "postgres";
/// The database of the application.
pub const DATABASE: &str = "app";
/// The application's first login.
pub const APP_LOGIN: &str = "app_login";
/// The other one: of the two, one serves and one is idle.
pub const APP_LOGIN_B: &str = "app_login_b";
/// The port of a cluster that nobody reaches over the network; it is part of the socket's name only.
pub(crate) const QUARANTINED_PORT: u16 = 5432;

/// The folder of one environment's PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// `root` must be absolute: servers run elsewhere.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All clusters.
    #[must_use]
    pub fn clusters(&self) -> PathBuf {
        self.root.join("clusters")
    }

    /// One cluster.
    #[must_use]
    pub fn cluster(&self, lineage: LineageId) -> ClusterFolder {
        ClusterFolder::new(self.clusters().join(lineage.to_string()))
    }

    /// The write-ahead log of one lineage.
    #[must_use]
    pub fn archive(&self, lineage: LineageId) -> PathBuf {
        self.root.join("archive").join(lineage.to_string())
    }

    /// Programs that servers run, where these can't get to the operator's own.
    #[must_use]
    pub(crate) fn programs(&self) -> PathBuf {
        self.root.join("program")
    }

    /// All base backups.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// One base backup.
    #[must_use]
    pub fn backup(&self, id: &BackupId) -> PathBuf {
        self.backups().join(id.as_str())
    }

    /// Where the administrator connects to the database of a lineage.
    ///
    /// # Errors
    /// When there is no cluster of that lineage.
    pub fn administrator(&self, lineage: LineageId) -> Result<Location> {
        let folder = self.cluster(lineage);
        let record = ClusterRecord::read(&folder)?.ok_or_else(|| {
            Failure::failed(format!(
                "there is no cluster of lineage {lineage} in {}",
                self.clusters().display()
            ))
        })?;
        Ok(folder.administrator(&record))
    }
}

/// The folder of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterFolder {
    path: PathBuf,
}

impl ClusterFolder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// PostgreSQL's own folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// What it is.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.path.join("cluster.json")
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.path.join("run").join("server.log")
    }

    /// The folder of the socket; another, short one where the kernel's limit of 107 bytes is near.
    #[must_use]
    pub fn socket_folder(&self) -> PathBuf {
        let usual = self.path.join("run");
        if usual.as_os_str().len() + "/.s.PGSQL.5432.lock".len() < 107 {
            return usual;
        }
        let digest = Sha256::digest(usual.as_os_str().as_bytes());
        Path::new("/tmp").join(format!("opsctl-{}", hex::encode(&digest[..12])))
    }

    /// The same, as a server spells it that follows this one.
    pub(crate) fn connection_text(&self, record: &ClusterRecord) -> String {
        let folder = self.socket_folder().to_string_lossy().into_owned();
        let folder = folder.replace('\\', r"\\").replace('\'', r"\'");
        let port = record.socket_port();
        format!("host='{folder}' port={port} user={ADMINISTRATOR} application_name=opsctl-replica")
    }

    /// Where the administrator connects.
    #[must_use]
    pub fn administrator(&self, record: &ClusterRecord) -> Location {
        let port = record.socket_port();
        let folder = encoded(&self.socket_folder());
        Location {
            engine: Engine::Postgres,
            url: format!("postgres://{ADMINISTRATOR}@localhost:{port}/{DATABASE}?host={folder}"),
            password_file: None,
            password_secret: None,
        }
    }
}

/// A path as the value of a URL's parameter.
fn encoded(path: &Path) -> String {
    path.as_os_str()
        .as_bytes()
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                char::from(*byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_gets_a_short_socket_folder() {
        let long = ClusterFolder::new(PathBuf::from("/x".repeat(80)));
        assert!(long.socket_folder().as_os_str().len() < 80);
        let short = ClusterFolder::new(PathBuf::from("/srv/x"));
        assert_eq!(short.socket_folder(), Path::new("/srv/x/run"));
    }

    #[test]
    fn odd_paths_are_encoded_in_the_url() {
        let folder = ClusterFolder::new(PathBuf::from("/a b&c"));
        let record = ClusterRecord::empty(LineageId(uuid::Uuid::nil()), 5999);
        let url = folder.administrator(&record).url;
        assert!(url.ends_with("?host=/a%20b%26c/run"), "{url}");
    }
}
