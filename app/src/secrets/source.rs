//! Which place holds the secrets.

use std::path::PathBuf;
use std::sync::Arc;

use super::aws::SecretsManager;
use super::store::{File, Folder};
use super::{SecretsError, SecretsStore};
use crate::config::registry::{SECRETS_DIR, SECRETS_FILE, SECRETS_MANAGER_IDS};

/// One place, named by a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretsSource {
    /// None but the environment, which cannot change.
    Environment,
    File(PathBuf),
    Folder(PathBuf),
    /// Secrets in AWS Secrets Manager, by name or ARN.
    Manager(Vec<String>),
}

impl SecretsSource {
    /// The place that the variables name.
    ///
    /// # Errors
    /// When they name two.
    pub fn named_by(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SecretsError> {
        let named = |name| Some((name, lookup(name).filter(|text| !text.is_empty())?));
        let places = [SECRETS_FILE, SECRETS_DIR, SECRETS_MANAGER_IDS];
        let named: Vec<(&str, String)> = places.into_iter().filter_map(named).collect();
        match named.as_slice() {
            [] => Ok(Self::Environment),
            [(SECRETS_FILE, path)] => Ok(Self::File(path.into())),
            [(SECRETS_DIR, path)] => Ok(Self::Folder(path.into())),
            [(_, ids)] => {
                let ids = ids.split(',').map(|id| id.trim().to_owned());
                Ok(Self::Manager(ids.filter(|id| !id.is_empty()).collect()))
            }
            [(first, _), (second, _), ..] => Err(SecretsError::TwoPlaces {
                first: (*first).into(),
                second: (*second).into(),
            }),
        }
    }

    /// For reading again; None where nothing can change.
    pub fn store(&self) -> Option<Arc<dyn SecretsStore>> {
        match self {
            Self::Environment => None,
            Self::File(path) => Some(Arc::new(File(path.clone()))),
            Self::Folder(path) => Some(Arc::new(Folder(path.clone()))),
            Self::Manager(ids) => Some(Arc::new(SecretsManager::of(ids.clone()))),
        }
    }
}
