//! Where PostgreSQL's programs are on this machine. Never installs anything.

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use opsctl_core::{Failure, Result};

use super::durable::At;

/// The programs that a usable folder must hold.
const PROGRAMS: [&str; 5] = [
    "initdb",
    "pg_basebackup",
    "pg_verifybackup",
    "pg_waldump",
    "postgres",
];

/// The major versions that work.
const SUPPORTED: std::ops::RangeInclusive<u32> = 14..=18;

/// The version that production runs; preferred where several are installed side by side.
const PREFERRED: u32 = 15;

/// A version of PostgreSQL, such as 15.18.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
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

/// Where to look, from the configuration (`PG_BIN`, `PATH`).
#[derive(Debug, Clone, Default)]
pub struct SearchPlaces {
    /// A folder that must be it.
    pub named: Option<PathBuf>,
    /// The search path of programs.
    pub path: Option<OsString>,
}

/// A folder that holds PostgreSQL's programs.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
    version: Version,
}

impl Binaries {
    /// Finds the programs: the named folder, else the search path, else the usual folders.
    ///
    /// # Errors
    /// One hint that says what to install where there are none.
    pub fn find(places: &SearchPlaces) -> Result<Self> {
        if let Some(folder) = &places.named {
            return Self::in_folder(folder);
        }
        let path = places.path.clone().unwrap_or_default();
        std::env::split_paths(&path)
            .find_map(|folder| Self::in_folder(&folder).ok())
            .or_else(|| {
                usual_folders()
                    .iter()
                    .filter_map(|folder| Self::in_folder(folder).ok())
                    .max_by_key(|found| (found.version.major == PREFERRED, found.version))
            })
            .ok_or_else(missing)
    }

    /// Looks at one folder.
    ///
    /// # Errors
    /// Names the program that is missing, or the version that isn't supported.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        for program in PROGRAMS {
            if !folder.join(program).is_file() {
                return Err(Failure::usage(format!(
                    "{} holds no {program}",
                    folder.display()
                )));
            }
        }
        let version = version_in(folder)?;
        if !SUPPORTED.contains(&version.major) {
            return Err(Failure::usage(format!(
                "{} holds PostgreSQL {version}; 14 to 18 work",
                folder.display()
            )));
        }
        Ok(Self {
            folder: folder.to_owned(),
            version,
        })
    }

    /// The path of one program.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The version of the server.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }
}

fn usual_folders() -> Vec<PathBuf> {
    let debian = subfolders(Path::new("/usr/lib/postgresql"), "");
    let fedora = subfolders(Path::new("/usr"), "pgsql-");
    debian
        .into_iter()
        .chain(fedora)
        .chain(["/usr/local/pgsql".into(), "/usr/libexec/postgresql".into()])
        .flat_map(|root: PathBuf| [root.join("bin"), root])
        .chain(["/usr/bin".into()])
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
    let program = folder.join("postgres");
    let output = Command::new(&program)
        .arg("--version")
        .output()
        .at("run", &program)?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse_version(&text).ok_or_else(|| {
        Failure::usage(format!(
            "{} --version answers '{}', which names no version",
            program.display(),
            text.trim()
        ))
    })
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

fn missing() -> Failure {
    let install = if Path::new("/usr/bin/apt-get").exists() {
        "apt-get install -y postgresql"
    } else if Path::new("/usr/bin/dnf").exists() {
        "dnf install -y postgresql-server postgresql-contrib"
    } else {
        "install the server programs of PostgreSQL 15, or set PG_BIN to their folder"
    };
    Failure::usage("no PostgreSQL 14 to 18 on this machine")
        .cause("looked at PG_BIN, PATH, /usr/lib/postgresql/*/bin and /usr/pgsql-*/bin")
        .hint(install)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
        assert_eq!(read("nonsense"), None);
    }

    #[test]
    fn a_named_folder_without_programs_is_an_error_and_not_passed_over() {
        let empty = tempfile::tempdir().unwrap();
        let places = SearchPlaces {
            named: Some(empty.path().to_owned()),
            path: None,
        };
        let failure = Binaries::find(&places).unwrap_err();
        assert!(failure.what.ends_with("holds no initdb"), "{failure}");
    }
}
