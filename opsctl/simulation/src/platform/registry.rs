//! Registries in memory: every repository that anybody puts something into.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::image::{
    Descriptor, Digest, Document, Image, ManifestName, RawManifest, Repository, Tag,
};
use opsctl_core::ports::{Brought, ImagePlace, Registry, RegistryError};

use super::Platform;

/// What a repository, or a folder, holds.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// The blobs.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
    /// The manifests.
    pub manifests: BTreeMap<Digest, RawManifest>,
    /// What the tags name.
    pub tags: BTreeMap<Tag, Digest>,
    /// How often each blob was sent.
    pub sent: BTreeMap<Digest, u32>,
}

impl Shelf {
    fn named(&self, name: &ManifestName) -> Option<&RawManifest> {
        match name {
            ManifestName::Digest(digest) => self.manifests.get(digest),
            ManifestName::Tag(tag) => self.manifests.get(self.tags.get(tag)?),
        }
    }

    /// What a manifest names, which a registry wants to have first.
    fn lacks(&self, manifest: &RawManifest) -> Option<Digest> {
        let wanted: BTreeSet<Digest> = match manifest.document() {
            Ok(Document::Manifest(document)) => {
                let parts = document.layers.into_iter().chain([document.config]);
                parts.map(|part| part.digest).collect()
            }
            _ => BTreeSet::new(),
        };
        let mut wanted = wanted.into_iter();
        wanted.find(|digest| !self.blobs.contains_key(digest))
    }
}

impl Platform {
    /// Lays an image down somewhere, as a build does.
    pub fn lay(&self, place: &ImagePlace, image: &Image) {
        let mut content = self.content();
        let shelf = content.shelves.entry(place.to_string()).or_default();
        shelf.blobs.extend(image.blobs.clone());
        for raw in [&image.manifest, &image.sbom] {
            shelf.manifests.insert(raw.digest(), raw.clone());
        }
    }

    /// What lies there.
    #[must_use]
    pub fn shelf(&self, place: &ImagePlace) -> Shelf {
        let content = self.content();
        content
            .shelves
            .get(&place.to_string())
            .cloned()
            .unwrap_or_default()
    }

    /// Makes a tag name something, as somebody outside might.
    pub fn name(&self, repository: &Repository, tag: &Tag, digest: &Digest) {
        let mut content = self.content();
        let shelf = content.shelves.entry(repository.to_string()).or_default();
        shelf.tags.insert(tag.clone(), digest.clone());
    }
}

fn absent(what: &impl ToString) -> RegistryError {
    RegistryError::NotFound(what.to_string())
}

#[async_trait]
impl Registry for Platform {
    async fn find(
        &self,
        repository: &Repository,
        name: &ManifestName,
    ) -> Result<Option<Descriptor>, RegistryError> {
        let shelf = self.shelf(&ImagePlace::Repository(repository.clone()));
        if let ManifestName::Tag(tag) = name
            && let Some(digest) = shelf.tags.get(tag)
        {
            // Somebody else's image, of which only the name is known.
            let mut found = Descriptor::of("application/octet-stream", &[]);
            found.digest = digest.clone();
            return Ok(Some(found));
        }
        Ok(shelf.named(name).map(RawManifest::descriptor))
    }

    async fn manifest(
        &self,
        place: &ImagePlace,
        name: &ManifestName,
    ) -> Result<RawManifest, RegistryError> {
        let shelf = self.shelf(place);
        shelf.named(name).cloned().ok_or_else(|| absent(name))
    }

    async fn blob(&self, place: &ImagePlace, blob: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        let found = self.shelf(place).blobs.get(&blob.digest).cloned();
        found.ok_or_else(|| absent(&blob.digest))
    }

    async fn tags(&self, repository: &Repository) -> Result<Vec<Tag>, RegistryError> {
        let shelf = self.shelf(&ImagePlace::Repository(repository.clone()));
        Ok(shelf.tags.keys().cloned().collect())
    }

    async fn attached(
        &self,
        place: &ImagePlace,
        image: &Digest,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let of_image = |raw: &&RawManifest| match raw.document() {
            Ok(Document::Manifest(document)) => {
                document.subject.is_some_and(|it| it.digest == *image)
            }
            _ => false,
        };
        let shelf = self.shelf(place);
        let found = shelf.manifests.values().filter(of_image);
        Ok(found.map(RawManifest::descriptor).collect())
    }

    async fn holds(&self, repository: &Repository, blob: &Digest) -> Result<bool, RegistryError> {
        let shelf = self.shelf(&ImagePlace::Repository(repository.clone()));
        Ok(shelf.blobs.contains_key(blob))
    }

    async fn bring(
        &self,
        permit: &Permit<'_>,
        from: &ImagePlace,
        into: &Repository,
        blob: &Descriptor,
        _: &Progress<'_>,
    ) -> Result<Brought, RegistryError> {
        permit.check().map_err(RegistryError::Fenced)?;
        if self.holds(into, &blob.digest).await? {
            return Ok(Brought::Held);
        }
        let bytes = self.blob(from, blob).await?;
        let mut content = self.content();
        let shelf = content.shelves.entry(into.to_string()).or_default();
        shelf.blobs.insert(blob.digest.clone(), bytes);
        *shelf.sent.entry(blob.digest.clone()).or_default() += 1;
        Ok(Brought::Sent)
    }

    async fn put(
        &self,
        permit: &Permit<'_>,
        repository: &Repository,
        name: &ManifestName,
        manifest: &RawManifest,
    ) -> Result<(), RegistryError> {
        permit.check().map_err(RegistryError::Fenced)?;
        let mut content = self.content();
        let shelf = content.shelves.entry(repository.to_string()).or_default();
        if let Some(lacking) = shelf.lacks(manifest) {
            return Err(RegistryError::Refused {
                registry: repository.registry().to_owned(),
                what: format!("the manifest {}", manifest.digest()),
                status: 404,
                why: format!("MANIFEST_BLOB_UNKNOWN {lacking}"),
            });
        }
        shelf.manifests.insert(manifest.digest(), manifest.clone());
        if let ManifestName::Tag(tag) = name {
            shelf.tags.insert(tag.clone(), manifest.digest());
        }
        Ok(())
    }
}
