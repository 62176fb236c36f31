//! What a name stands for: the digest, where it runs, what it says of itself. This is how a deploy pins an image.

use std::collections::BTreeMap;

use super::{
    Descriptor, Digest, Document, ImageConfig, ImageReference, Index, Manifest, ManifestName,
    Platform,
};
use crate::failure::{Failure, Result};
use crate::ports::{ImagePlace, Registry, RegistryError};

/// The largest configuration that is read.
const LARGEST_CONFIG: u64 = 4 << 20;

/// An image that is there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Resolved {
    /// The reference that was asked for, with the digest that it stands for.
    pub reference: ImageReference,
    /// The digest.
    pub digest: Digest,
    /// Where it runs: one, or several for an index.
    pub platforms: Vec<Platform>,
    /// What it says of itself.
    pub labels: BTreeMap<String, String>,
    /// When it says that it was made.
    pub created: Option<String>,
    /// What is sent for one platform.
    pub size_bytes: u64,
}

impl Resolved {
    /// `repository@digest`: what goes into a pod, and means the same for ever.
    #[must_use]
    pub fn exact(&self) -> ImageReference {
        ImageReference::exact(self.reference.repository.clone(), self.digest.clone())
    }

    /// Whether a node of that kind can run it. A variant that only one of both names does not part them.
    #[must_use]
    pub fn runs_on(&self, node: &Platform) -> bool {
        self.platforms.iter().any(|platform| {
            let variants = (&platform.variant, &node.variant);
            let apart = matches!(variants, (Some(one), Some(other)) if one != other);
            platform.os == node.os && platform.architecture == node.architecture && !apart
        })
    }
}

/// Why an image can't be looked at.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The registry does not say.
    Registry(RegistryError),
    /// What it says is no image.
    Image(Failure),
}

impl From<RegistryError> for Trouble {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Image(failure)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Registry(error) => error.into(),
            Trouble::Image(failure) => failure,
        }
    }
}

/// Looks a name up: the tag's digest, or whether that digest is there.
///
/// # Errors
/// When there is no such image, or the registry can't say.
pub async fn resolve(registry: &dyn Registry, image: &ImageReference) -> Result<Resolved> {
    let repository = &image.repository;
    examine(registry, image).await.map_err(|trouble| {
        let absent = matches!(trouble, Trouble::Registry(RegistryError::NotFound(_)));
        let failure =
            Failure::from(trouble).in_context(format!("the image '{image}' can't be resolved"));
        match absent {
            true => failure.hint(format!("opsctl image list --repository {repository}")),
            false => failure,
        }
    })
}

pub(super) async fn examine(
    registry: &dyn Registry,
    image: &ImageReference,
) -> std::result::Result<Resolved, Trouble> {
    let place = ImagePlace::Repository(image.repository.clone());
    let raw = registry.manifest(&place, &image.manifest()?).await?;
    let digest = raw.digest();
    let (document, platforms) = match raw.document()? {
        Document::Manifest(manifest) => (manifest, None),
        Document::Index(index) => {
            let (first, platforms) = parts_of(image, &index)?;
            let name = ManifestName::Digest(first);
            let Document::Manifest(manifest) =
                registry.manifest(&place, &name).await?.document()?
            else {
                return Err(Failure::failed(format!("'{image}' is an index of indexes")).into());
            };
            (manifest, Some(platforms))
        }
    };
    let config = config(registry, &place, &document).await?;
    Ok(Resolved {
        reference: ImageReference {
            digest: Some(digest.clone()),
            ..image.clone()
        },
        digest,
        platforms: platforms.unwrap_or_else(|| vec![config.platform.clone()]),
        labels: config.labels(),
        created: config.created,
        size_bytes: sent(&document),
    })
}

/// The first image of an index, which speaks for all, and where each of them runs.
fn parts_of(image: &ImageReference, index: &Index) -> Result<(Digest, Vec<Platform>)> {
    let runnable = |part: &&Descriptor| part.platform.as_ref().is_some_and(runs);
    let parts: Vec<&Descriptor> = index.manifests.iter().filter(runnable).collect();
    let first = parts.first();
    let first = first.ok_or_else(|| Failure::failed(format!("'{image}' runs nowhere")))?;
    let platforms = parts.iter().filter_map(|part| part.platform.clone());
    Ok((first.digest.clone(), platforms.collect()))
}

/// Attestations lie in an index too, for a platform that nobody has.
fn runs(platform: &Platform) -> bool {
    platform.os != "unknown"
}

fn sent(manifest: &Manifest) -> u64 {
    let parts = manifest.layers.iter().chain([&manifest.config]);
    parts.map(|part| part.size).sum()
}

async fn config(
    registry: &dyn Registry,
    place: &ImagePlace,
    manifest: &Manifest,
) -> std::result::Result<ImageConfig, Trouble> {
    let blob = &manifest.config;
    if blob.size > LARGEST_CONFIG {
        let (digest, size) = (&blob.digest, blob.size);
        return Err(Failure::failed(format!("the configuration {digest} has {size} bytes")).into());
    }
    let bytes = registry.blob(place, blob).await?;
    let read = serde_json::from_slice(&bytes);
    read.map_err(|error| {
        let digest = &blob.digest;
        let failure = Failure::failed(format!("{digest} is no configuration of an image"));
        failure.because(error).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/').map(str::to_owned);
        Platform {
            os: parts.next().unwrap(),
            architecture: parts.next().unwrap(),
            variant: parts.next(),
        }
    }

    #[test]
    fn an_image_runs_where_system_and_architecture_are_its_own() {
        let digest = Digest::of(b"image");
        let image = Resolved {
            reference: "example.com/app:v1.0.0".parse().unwrap(),
            digest: digest.clone(),
            platforms: vec![platform("linux/amd64"), platform("linux/arm64/v8")],
            labels: BTreeMap::new(),
            created: None,
            size_bytes: 0,
        };
        assert!(image.runs_on(&platform("linux/amd64")));
        assert!(image.runs_on(&platform("linux/arm64")));
        assert!(image.runs_on(&platform("linux/arm64/v8")));
        assert!(!image.runs_on(&platform("linux/arm64/v9")));
        assert!(!image.runs_on(&platform("linux/s390x")));
        assert!(!image.runs_on(&platform("windows/amd64")));
        assert_eq!(
            image.exact().to_string(),
            format!("example.com/app@{digest}")
        );
    }
}
