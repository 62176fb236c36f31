//! Registries and folders behind one port.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::image::{
    Descriptor, Digest, Document, ManifestName, RawManifest, Repository, Tag,
};
use opsctl_core::ports::{Brought, ImagePlace, Registry, RegistryError, RegistryLogins};

use crate::asking::Asking;
use crate::upload::Upload;
use crate::{DockerConfig, blobs, layout, manifests, referrers, tags};

/// Every registry there is, for somebody with these credentials. Nothing is connected before it is needed.
pub struct RegistryClient(Asking);

impl RegistryClient {
    /// A client that may say what `docker login` left behind; that is read when a registry asks, and not before: a
    /// broken file is no trouble of whoever needs no registry.
    #[must_use]
    pub fn new(
        read: impl Fn() -> opsctl_core::Result<DockerConfig> + Send + Sync + 'static,
    ) -> Self {
        Self(Asking::new(Box::new(read)))
    }

    /// The same, asking these first.
    #[must_use]
    pub fn with(self, logins: Arc<dyn RegistryLogins>) -> Self {
        Self(self.0.with(logins))
    }
}

#[async_trait]
impl Registry for RegistryClient {
    async fn find(
        &self,
        repository: &Repository,
        name: &ManifestName,
    ) -> Result<Option<Descriptor>, RegistryError> {
        manifests::find(&self.0, repository, name).await
    }

    async fn manifest(
        &self,
        place: &ImagePlace,
        name: &ManifestName,
    ) -> Result<RawManifest, RegistryError> {
        match place {
            ImagePlace::Repository(repository) => manifests::get(&self.0, repository, name).await,
            ImagePlace::Layout(folder) => layout::manifest(folder, name),
        }
    }

    async fn blob(&self, place: &ImagePlace, blob: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        match place {
            ImagePlace::Repository(repository) => blobs::get(&self.0, repository, blob).await,
            ImagePlace::Layout(folder) => layout::blob(folder, blob),
        }
    }

    async fn tags(&self, repository: &Repository) -> Result<Vec<Tag>, RegistryError> {
        tags::list(&self.0, repository).await
    }

    async fn attached(
        &self,
        place: &ImagePlace,
        image: &Digest,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        match place {
            ImagePlace::Repository(repository) => referrers::list(&self.0, repository, image).await,
            ImagePlace::Layout(folder) => layout::attached(folder, image),
        }
    }

    async fn holds(&self, repository: &Repository, blob: &Digest) -> Result<bool, RegistryError> {
        blobs::holds(&self.0, repository, blob).await
    }

    async fn bring(
        &self,
        permit: &Permit<'_>,
        from: &ImagePlace,
        into: &Repository,
        blob: &Descriptor,
        progress: &Progress<'_>,
    ) -> Result<Brought, RegistryError> {
        let upload = Upload {
            asking: &self.0,
            permit,
            from,
            into,
            blob,
        };
        upload.bring(progress).await
    }

    async fn put(
        &self,
        permit: &Permit<'_>,
        repository: &Repository,
        name: &ManifestName,
        manifest: &RawManifest,
    ) -> Result<(), RegistryError> {
        permit.check().map_err(RegistryError::Fenced)?;
        let listed = manifests::put(&self.0, repository, name, manifest).await?;
        match manifest.document() {
            Ok(Document::Manifest(document)) if !listed => match document.subject {
                Some(subject) => {
                    referrers::keep_under_tag(&self.0, repository, &subject.digest, manifest).await
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
