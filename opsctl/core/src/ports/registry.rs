//! Where images are kept: registries, and folders that hold one image.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::engine::Progress;
use crate::failure::{Failure, FailureKind, Result as Done};
use crate::guard::Permit;
use crate::image::{Descriptor, Digest, ManifestName, RawManifest, Repository, Tag};
use crate::secret::Secret;

/// Where an image is read from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImagePlace {
    /// A repository of a registry.
    Repository(Repository),
    /// A folder in the OCI image layout, as `image build` writes it.
    Layout(PathBuf),
}

impl std::fmt::Display for ImagePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Repository(repository) => repository.fmt(f),
            Self::Layout(folder) => folder.display().fmt(f),
        }
    }
}

/// How a blob came to be where it was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// It was there.
    Held,
    /// The registry had it in another repository and needed no copy.
    Mounted,
    /// It was sent.
    Sent,
}

/// Why a registry did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It has no such thing.
    #[error("{0} is not there")]
    NotFound(String),
    /// It does not know us, or we may not.
    #[error("{registry} does not let us in: {why}")]
    Unauthorised {
        /// The registry.
        registry: String,
        /// What it said.
        why: String,
    },
    /// It is asked too often, and went on saying so.
    #[error("{registry} is asked too often, and said so {tries} times")]
    RateLimited {
        /// The registry.
        registry: String,
        /// How often it was asked.
        tries: u32,
        /// How long it wants to be left alone, where it said so.
        retry_after: Option<Duration>,
    },
    /// Nobody answers, or something breaks on the way.
    #[error("{registry} can't be reached: {why}")]
    Unreachable {
        /// The registry.
        registry: String,
        /// What happened.
        why: String,
    },
    /// It answers, and with something that is no answer.
    #[error("{registry} answered {status} to {what}: {why}")]
    Refused {
        /// The registry.
        registry: String,
        /// What it was asked for.
        what: String,
        /// The status of HTTP.
        status: u16,
        /// What it said.
        why: String,
    },
    /// Content is not what its digest says.
    #[error("{what} should be {expected}, and is {found}")]
    Altered {
        /// The content.
        what: String,
        /// Its name.
        expected: Digest,
        /// What it is.
        found: String,
    },
    /// Something on this machine.
    #[error("{what}: {why}")]
    Local {
        /// What was to be done.
        what: String,
        /// What happened.
        why: String,
    },
    /// The lease ran out meanwhile.
    #[error("{0}")]
    Fenced(Failure),
}

impl RegistryError {
    /// Whether the same may go well a little later: for whoever waits, as a roll-out does.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => *status >= 500,
            _ => false,
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let text = error.to_string();
        match error {
            RegistryError::Fenced(failure) => failure,
            RegistryError::Unauthorised { registry, .. } => {
                Self::new(FailureKind::Authentication, text)
                    .hint(format!("docker login {registry}"))
            }
            RegistryError::RateLimited { retry_after, .. } => {
                let failure = Self::failed(text);
                match retry_after {
                    Some(wait) => failure.hint(format!("again in {} s", wait.as_secs())),
                    None => {
                        failure.hint("again in a minute; whoever is logged in may ask more often")
                    }
                }
            }
            RegistryError::Unreachable { registry, .. } => {
                let near = format!("{registry}/any").parse::<Repository>();
                let near = near.is_ok_and(|place| place.is_on_this_machine());
                let scheme = if near { "http" } else { "https" };
                Self::failed(text).hint(format!("curl -sSi {scheme}://{registry}/v2/"))
            }
            RegistryError::Altered { .. } => {
                Self::failed(text).hint("whatever lies between here and there changes content")
            }
            _ => Self::failed(text),
        }
    }
}

/// Knows who we are to some registries, without anybody having logged in there.
#[async_trait]
pub trait RegistryLogins: Send + Sync {
    /// A name and a password for that registry (`<host>[:<port>]`); `None`: it is none of ours.
    async fn login(&self, registry: &str) -> Done<Option<(String, Secret<String>)>>;
}

/// The registries, and folders of images beside them. Reads are tried again where that may help; writes can be.
#[async_trait]
pub trait Registry: Send + Sync {
    /// What a name stands for at the moment; `None` when for nothing.
    async fn find(
        &self,
        repository: &Repository,
        name: &ManifestName,
    ) -> Result<Option<Descriptor>, RegistryError>;

    /// A manifest, proven against its digest.
    async fn manifest(
        &self,
        place: &ImagePlace,
        name: &ManifestName,
    ) -> Result<RawManifest, RegistryError>;

    /// A small blob, proven against its digest.
    async fn blob(&self, place: &ImagePlace, blob: &Descriptor) -> Result<Vec<u8>, RegistryError>;

    /// The tags of a repository; of one that does not exist, none.
    async fn tags(&self, repository: &Repository) -> Result<Vec<Tag>, RegistryError>;

    /// What was attached to an image: the manifests whose subject it is.
    async fn attached(
        &self,
        place: &ImagePlace,
        image: &Digest,
    ) -> Result<Vec<Descriptor>, RegistryError>;

    /// Whether a repository holds a blob.
    async fn holds(&self, repository: &Repository, blob: &Digest) -> Result<bool, RegistryError>;

    /// Brings a blob into a repository, without sending it where the registry has it already.
    async fn bring(
        &self,
        permit: &Permit<'_>,
        from: &ImagePlace,
        into: &Repository,
        blob: &Descriptor,
        progress: &Progress<'_>,
    ) -> Result<Brought, RegistryError>;

    /// Puts a manifest under a name, and makes sure that the registry took it as it was sent. One with a subject is
    /// listed among what is attached to that.
    async fn put(
        &self,
        permit: &Permit<'_>,
        repository: &Repository,
        name: &ManifestName,
        manifest: &RawManifest,
    ) -> Result<(), RegistryError>;
}
