//! A place that holds secrets, as whoever reads them again sees it.

use std::fmt;
use std::path::PathBuf;

use super::{Secrets, SecretsError, file, folder};

/// Read as often as anybody likes; says what it holds now.
#[async_trait::async_trait]
pub trait SecretsStore: fmt::Debug + Send + Sync {
    /// All secrets, as of one moment.
    async fn read(&self) -> Result<Secrets, SecretsError>;
}

/// `SECRETS_FILE`.
#[derive(Debug)]
pub(super) struct File(pub PathBuf);

#[async_trait::async_trait]
impl SecretsStore for File {
    async fn read(&self) -> Result<Secrets, SecretsError> {
        file::read(&self.0)
    }
}

/// `SECRETS_DIR`.
#[derive(Debug)]
pub(super) struct Folder(pub PathBuf);

#[async_trait::async_trait]
impl SecretsStore for Folder {
    async fn read(&self) -> Result<Secrets, SecretsError> {
        folder::read(&self.0)
    }
}
