//! Which place holds the secrets.

use std::path::PathBuf;

use super::store::{File, Folder};
use super::{Secrets, SecretsError, SecretsStore, file, folder};
use crate::config::registry::{SECRETS_DIR, SECRETS_FILE};

/// One place, named by a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretsSource {
    /// None but the environment, which cannot change.
    Environment,
    File(PathBuf),
    Folder(PathBuf),
}

impl SecretsSource {
    /// The place that the variables name.
    ///
    /// # Errors
    /// When they name two.
    pub fn named_by(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SecretsError> {
        let path = |name| {
            lookup(name)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        };
        match (path(SECRETS_FILE), path(SECRETS_DIR)) {
            (None, None) => Ok(Self::Environment),
            (Some(file), None) => Ok(Self::File(file)),
            (None, Some(folder)) => Ok(Self::Folder(folder)),
            (Some(_), Some(_)) => Err(SecretsError::TwoPlaces {
                first: SECRETS_FILE,
                second: SECRETS_DIR,
            }),
        }
    }

    /// What it holds now.
    pub fn read(&self) -> Result<Secrets, SecretsError> {
        match self {
            Self::Environment => Ok(Secrets::default()),
            Self::File(path) => file::read(path),
            Self::Folder(path) => folder::read(path),
        }
    }

    /// For reading again; None where nothing can change.
    pub fn store(&self) -> Option<Box<dyn SecretsStore>> {
        match self {
            Self::Environment => None,
            Self::File(path) => Some(Box::new(File(path.clone()))),
            Self::Folder(path) => Some(Box::new(Folder(path.clone()))),
        }
    }
}
