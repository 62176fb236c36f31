//! Reads the database descriptor: the file in which opsctl says where the database is and how to treat it
//! (`schemas/database-descriptor.schema.json`). Never writes it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use uuid::Uuid;

use super::{DatabaseError, Mode};
use crate::config::Secret;

const VERSION: u64 = 1;

/// Which kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// What opsctl says. Fields that this app does not know are none of its business.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Descriptor {
    pub generation: u64,
    pub engine: Engine,
    pub url: String,
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    pub instance_id: Uuid,
    pub lineage_id: Uuid,
    pub mode: Mode,
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl Descriptor {
    /// Reads and checks the file.
    pub fn read(path: &Path) -> Result<Self, DatabaseError> {
        let text = std::fs::read_to_string(path).map_err(|error| DatabaseError::Descriptor {
            path: path.display().to_string(),
            problem: error.to_string(),
        })?;
        Self::parse(path, &text)
    }

    /// Checks the text of the file at `path`.
    pub fn parse(path: &Path, text: &str) -> Result<Self, DatabaseError> {
        let refuse = |problem: String| DatabaseError::Descriptor {
            path: path.display().to_string(),
            problem,
        };
        // The version first: of a later one, nothing else may be understood.
        let Versioned { version } =
            serde_json::from_str(text).map_err(|error| refuse(error.to_string()))?;
        if version > VERSION {
            return Err(DatabaseError::DescriptorTooNew {
                path: path.display().to_string(),
                version,
            });
        }
        let descriptor: Self =
            serde_json::from_str(text).map_err(|error| refuse(error.to_string()))?;
        descriptor
            .check()
            .map_err(|problem| refuse(problem.into()))?;
        Ok(descriptor)
    }

    fn check(&self) -> Result<(), &'static str> {
        let rest = match self.engine {
            Engine::Sqlite => self.url.strip_prefix("sqlite:/"),
            Engine::Postgres => self
                .url
                .strip_prefix("postgres://")
                .or_else(|| self.url.strip_prefix("postgresql://")),
        }
        .ok_or("its url does not fit its engine")?;
        if self.engine == Engine::Postgres {
            let (user, _) = rest.split_once('@').ok_or("its url names no user")?;
            if user.is_empty() || user.contains(':') {
                return Err("its url must name a user and no password; password_file is for that");
            }
        }
        Ok(())
    }

    /// The login's password, where the descriptor names a file for it.
    pub fn password(&self) -> Result<Option<Secret>, DatabaseError> {
        let Some(path) = &self.password_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).map_err(|error| DatabaseError::Descriptor {
            path: path.display().to_string(),
            problem: error.to_string(),
        })?;
        Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
    }

    /// Whether both lead to the same database in the same way; generation and mode aside.
    pub fn same_place(&self, other: &Self) -> bool {
        self.engine == other.engine
            && self.url == other.url
            && self.password_file == other.password_file
            && self.instance_id == other.instance_id
            && self.lineage_id == other.lineage_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(name: &str) -> Result<Descriptor, DatabaseError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/examples");
        Descriptor::read(&folder.join(format!("database-descriptor.{name}.json")))
    }

    #[test]
    fn the_examples_are_read() {
        assert_eq!(example("sqlite").unwrap().mode, Mode::Normal);
        assert_eq!(example("unknown-field").unwrap().mode, Mode::ReadOnly);
        let postgres = example("postgres").unwrap();
        assert_eq!(postgres.engine, Engine::Postgres);
        assert_eq!(postgres.generation, 7);
        assert!(postgres.password_file.is_some());
    }

    #[test]
    fn a_later_version_is_refused_with_the_way_out() {
        let error = example("newer-version.refused").unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
        assert!(error.hint().contains("opsctl"));
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let error = example("password-in-url.refused").unwrap_err();
        assert!(!error.to_string().contains("placeholder"), "{error}");
    }

    #[test]
    fn half_a_file_is_refused() {
        let path = Path::new("database.json");
        for text in ["", "{", "[]", r#"{"version": 1}"#, r#"{"version": "1"}"#] {
            assert!(Descriptor::parse(path, text).is_err(), "{text}");
        }
    }
}
