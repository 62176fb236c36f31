//! The documents of an image as the OCI image specification writes them: pure data.

use std::collections::BTreeMap;

use super::Digest;
use crate::failure::{Failure, Result};

/// The media types that this platform writes or reads.
pub mod media_type {
    /// An image of one platform.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// Images of several platforms.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// The same two as Docker wrote them first; they are read, never written.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// See [`DOCKER_MANIFEST`].
    pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// How an image is run.
    pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// A compressed tar.
    pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    /// `{}`: where a configuration must be named and there is none.
    pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";
    /// A bill of materials.
    pub const SBOM: &str = "application/vnd.cyclonedx+json";

    /// All that may stand for an image.
    pub const IMAGES: [&str; 4] = [MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX];
}

/// Content by its digest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// What it holds, where it is no image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// In an index: where it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// More about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// The descriptor of these bytes.
    #[must_use]
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            platform: None,
            annotations: BTreeMap::new(),
        }
    }
}

/// Where an image runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`, as Go names it and Kubernetes' nodes do.
    pub architecture: String,
    /// `v8` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// An image of one platform, or an artifact that belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// 2.
    pub schema_version: u32,
    /// [`media_type::MANIFEST`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What it holds, where it is no image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// How it is run.
    pub config: Descriptor,
    /// What it holds.
    pub layers: Vec<Descriptor>,
    /// The image that this belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// More about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Images of several platforms, or whatever else belongs together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// 2.
    pub schema_version: u32,
    /// [`media_type::INDEX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its parts.
    pub manifests: Vec<Descriptor>,
}

impl Index {
    /// An index of these.
    #[must_use]
    pub fn of(manifests: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: Some(media_type::INDEX.to_owned()),
            manifests,
        }
    }
}

/// A manifest or an index as its bytes, which alone make its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawManifest {
    /// Which of both.
    pub media_type: String,
    /// What a registry sends and is sent.
    pub bytes: Vec<u8>,
}

/// What a manifest turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// One image.
    Manifest(Box<Manifest>),
    /// Several.
    Index(Index),
}

impl RawManifest {
    /// The bytes of a document of ours.
    ///
    /// # Errors
    /// Never: its keys are texts.
    pub fn of(media_type: &str, document: &impl serde::Serialize) -> Result<Self> {
        Ok(Self {
            media_type: media_type.to_owned(),
            bytes: super::encoded(document)?,
        })
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// Its descriptor.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        Descriptor::of(&self.media_type, &self.bytes)
    }

    /// What it says.
    ///
    /// # Errors
    /// When it is neither an image nor an index of images.
    pub fn document(&self) -> Result<Document> {
        let unreadable = |error: serde_json::Error| {
            Failure::failed(format!("the manifest {} can't be read", self.digest())).because(error)
        };
        match self.media_type.as_str() {
            media_type::INDEX | media_type::DOCKER_INDEX => serde_json::from_slice(&self.bytes)
                .map(Document::Index)
                .map_err(unreadable),
            media_type::MANIFEST | media_type::DOCKER_MANIFEST => {
                serde_json::from_slice(&self.bytes)
                    .map(|manifest| Document::Manifest(Box::new(manifest)))
                    .map_err(unreadable)
            }
            other => Err(Failure::failed(format!(
                "{} is no image but '{}'",
                self.digest(),
                other.escape_debug()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_of_another_kind_is_named() {
        let raw = RawManifest {
            media_type: "text/html".into(),
            bytes: b"<html>".to_vec(),
        };
        assert!(raw.document().unwrap_err().what.contains("text/html"));
    }

    #[test]
    fn a_torn_manifest_is_an_error_and_no_panic() {
        for media_type in media_type::IMAGES {
            let raw = RawManifest {
                media_type: media_type.into(),
                bytes: b"{\"schemaVersion\":2".to_vec(),
            };
            assert!(raw.document().is_err());
        }
    }
}
