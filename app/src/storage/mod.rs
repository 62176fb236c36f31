//! Where documents lie: a folder of this machine, or a bucket of S3. Owns how one is written whole or not at all. Never decides who may have a
//! document: whoever asks for the way to one has let somebody in.

mod folder;
mod key;
mod s3;

pub use folder::Folder;
pub use key::Key;
pub use s3::S3;

use axum::http::StatusCode;

use crate::http::ApiError;

/// Why a document could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the document {key} cannot be stored: {problem}")]
    Put { key: String, problem: String },
    #[error("the document {key} cannot be got: {problem}")]
    Get { key: String, problem: String },
    /// Nothing keeps it from being stored again; until then there is nothing to wait for.
    #[error("the document {0} is not where it was stored")]
    Missing(String),
}

/// How somebody who was let in gets a document.
#[derive(Debug)]
pub enum Way {
    /// From this process.
    Here(Vec<u8>),
    /// From an address that opens it for a few minutes.
    There(String),
}

/// A place for documents.
#[async_trait::async_trait]
pub trait Storage: std::fmt::Debug + Send + Sync {
    /// Stores the document; one that had the key before is replaced.
    async fn put(&self, key: &Key, document: Vec<u8>) -> Result<(), StorageError>;

    async fn way_to(&self, key: &Key) -> Result<Way, StorageError>;
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        let error = match error {
            StorageError::Missing(_) => return Self::Internal(error.to_string()),
            StorageError::Put { .. } | StorageError::Get { .. } => error.to_string(),
        };
        tracing::error!(error, "the documents cannot be reached");
        Self::refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "storage_unavailable",
            "The documents cannot be reached at the moment",
        )
    }
}
