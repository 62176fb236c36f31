//! Where PostgreSQL's programs are on this machine.
//!
//! Looks at `PG_BIN`, then `PATH`, then the usual folders. Never installs anything.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::environment;

/// The programs that a usable folder must hold.
const PROGRAMS: [&str; 6] = [
    "initdb",
    "pg_basebackup",
    "pg_ctl",
    "pg_isready",
    "postgres",
    "psql",
];

/// The major versions that the tests accept.
const SUPPORTED: std::ops::RangeInclusive<u32> = 14..=18;

/// The version that production runs; preferred where several are installed side by side.
const PREFERRED: u32 = 15;

/// A version of PostgreSQL, such as 15.18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 15 of 15.18.
    pub major: u32,
    /// 18 of 15.18; 0 for a beta.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A folder that holds PostgreSQL's programs.
#[derive(Debug, Clone)]
pub struct PostgresBinaries {
    folder: PathBuf,
    version: Version,
}

impl PostgresBinaries {
    /// Looks at one folder.
    ///
    /// # Errors
    /// Names the program that is missing, or the version that isn't supported.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        for program in PROGRAMS {
            if !folder.join(program).is_file() {
                bail!("{} holds no {program}", folder.display());
            }
        }
        let version = version_in(folder)?;
        if !SUPPORTED.contains(&version.major) {
            bail!(
                "{} holds PostgreSQL {version}; 14 to 18 work",
                folder.display()
            );
        }
        Ok(Self {
            folder: folder.to_owned(),
            version,
        })
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of one program, such as `pg_basebackup`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The version of the server.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }
}

/// Finds the PostgreSQL that tests run on.
///
/// # Errors
/// One line that says what to install where there is none.
pub fn find() -> Result<PostgresBinaries> {
    if let Some(folder) = environment::folder("PG_BIN") {
        return PostgresBinaries::in_folder(&folder).context("PG_BIN names an unusable folder");
    }
    let path = environment::search_path();
    let mut on_path = path.iter();
    if let Some(found) = on_path.find_map(|folder| PostgresBinaries::in_folder(folder).ok()) {
        return Ok(found);
    }
    usual_folders()
        .iter()
        .filter_map(|folder| PostgresBinaries::in_folder(folder).ok())
        .max_by_key(|found| (found.version.major == PREFERRED, found.version))
        .with_context(missing)
}

fn usual_folders() -> Vec<PathBuf> {
    let debian = subfolders(Path::new("/usr/lib/postgresql"), "");
    let fedora = subfolders(Path::new("/usr"), "pgsql-");
    let source = ["/usr/local/pgsql".into(), "/usr/libexec/postgresql".into()];
    debian
        .into_iter()
        .chain(fedora)
        .chain(source)
        .flat_map(|root: PathBuf| [root.join("bin"), root])
        .collect()
}

fn subfolders(root: &Path, prefix: &str) -> Vec<PathBuf> {
    std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}

fn version_in(folder: &Path) -> Result<Version> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .with_context(|| format!("run {}/postgres --version", folder.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse_version(&text).with_context(|| format!("'{}' names no version", text.trim()))
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` and `… 18beta1`.
fn parse_version(text: &str) -> Option<Version> {
    let word = text.split_whitespace().nth(2)?;
    let digits = |part: &str| -> Option<u32> {
        let end = part.find(|c: char| !c.is_ascii_digit());
        part[..end.unwrap_or(part.len())].parse().ok()
    };
    let (major, minor) = word.split_once('.').unwrap_or((word, "0"));
    Some(Version {
        major: digits(major)?,
        minor: digits(minor)?,
    })
}

fn missing() -> String {
    let install = if Path::new("/usr/bin/apt-get").exists() {
        "run `apt-get install -y postgresql`"
    } else if Path::new("/usr/bin/dnf").exists() {
        "run `dnf install -y postgresql-server postgresql-contrib`"
    } else {
        "install the server programs of PostgreSQL 15"
    };
    format!("no PostgreSQL 14 to 18 on this machine: {install}, or set PG_BIN to its bin folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_print_them() {
        let read = |text: &str| parse_version(text).map(|version| version.to_string());
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(read(debian).as_deref(), Some("15.18"));
        assert_eq!(
            read("postgres (PostgreSQL) 18beta1").as_deref(),
            Some("18.0")
        );
        assert_eq!(read("something else"), None);
    }

    #[test]
    fn what_is_missing_is_told_in_one_line() {
        let empty = tempfile::tempdir().unwrap();
        let error = PostgresBinaries::in_folder(empty.path()).unwrap_err();
        assert!(error.to_string().ends_with("holds no initdb"), "{error}");
        assert_eq!(missing().lines().count(), 1);
    }
}
