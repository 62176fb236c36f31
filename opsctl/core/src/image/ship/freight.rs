//! What belongs to an image: its manifests, their blobs, and what was attached.

use crate::failure::{Failure, Result};
use crate::image::{Descriptor, Digest, Document, ManifestName, RawManifest};
use crate::ports::{ImagePlace, Registry};

/// Everything that has to be there before a tag may name an image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freight {
    /// The image: a manifest, or an index of several.
    pub image: Descriptor,
    /// The blobs of all manifests below, each once.
    pub blobs: Vec<Descriptor>,
    /// The manifests that the image consists of, itself last: a registry refuses what names something absent.
    pub manifests: Vec<Descriptor>,
    /// The manifests that are attached to it.
    pub attached: Vec<Descriptor>,
}

impl Freight {
    /// The length of all blobs.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.blobs.iter().map(|blob| blob.size).sum()
    }
}

/// Looks up what belongs to the image of that name.
///
/// # Errors
/// When it is not there, or is no image.
pub async fn freight(
    registry: &dyn Registry,
    place: &ImagePlace,
    name: &ManifestName,
) -> Result<Freight> {
    let raw = registry.manifest(place, name).await?;
    let mut freight = Freight {
        image: raw.descriptor(),
        blobs: Vec::new(),
        manifests: Vec::new(),
        attached: Vec::new(),
    };
    match raw.document()? {
        Document::Manifest(_) => freight.add_blobs(&raw)?,
        Document::Index(index) => {
            for part in index.manifests {
                let raw = exact(registry, place, &part.digest).await?;
                freight.add_blobs(&raw)?;
                freight.manifests.push(raw.descriptor());
            }
        }
    }
    freight.manifests.push(raw.descriptor());
    for attached in registry.attached(place, &raw.digest()).await? {
        let raw = exact(registry, place, &attached.digest).await?;
        freight.add_blobs(&raw)?;
        freight.attached.push(raw.descriptor());
    }
    Ok(freight)
}

async fn exact(
    registry: &dyn Registry,
    place: &ImagePlace,
    digest: &Digest,
) -> Result<RawManifest> {
    let name = ManifestName::Digest(digest.clone());
    Ok(registry.manifest(place, &name).await?)
}

impl Freight {
    fn add_blobs(&mut self, raw: &RawManifest) -> Result<()> {
        let Document::Manifest(manifest) = raw.document()? else {
            let digest = raw.digest();
            return Err(Failure::failed(format!(
                "{digest} is an index within an index"
            )));
        };
        for blob in manifest.layers.into_iter().chain([manifest.config]) {
            if !self.blobs.iter().any(|known| known.digest == blob.digest) {
                self.blobs.push(blob);
            }
        }
        Ok(())
    }
}
