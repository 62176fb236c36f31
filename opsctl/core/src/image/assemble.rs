//! From files to an image: layer, configuration, manifest, and the bill of materials that belongs to it.

use std::collections::BTreeMap;

use super::layer::{Files, Layer};
use super::{
    Descriptor, Digest, ImageConfig, Manifest, Platform, Provenance, RawManifest, Start, media_type,
};
use crate::failure::{Failure, Result};

/// "Image size: < 500MB": an image above is refused.
pub const UNPACKED_LIMIT: u64 = 500_000_000;
/// What an image of this platform is meant to stay below, unpacked.
pub const UNPACKED_GOAL: u64 = 40_000_000;
/// The same, as it is sent.
pub const PACKED_GOAL: u64 = 20_000_000;

/// What an image is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Its files.
    pub files: Files,
    /// Where it runs.
    pub platform: Platform,
    /// Where it comes from.
    pub provenance: Provenance,
    /// How it starts.
    pub start: Start,
    /// Its bill of materials.
    pub sbom: Vec<u8>,
}

/// A finished image: every blob and manifest by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The image itself.
    pub manifest: RawManifest,
    /// Its bill of materials: a manifest whose subject is the image.
    pub sbom: RawManifest,
    /// Everything that the two name.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
    /// The length of the files.
    pub unpacked_bytes: u64,
    /// The length of what is sent, manifests left out.
    pub packed_bytes: u64,
}

impl Image {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Refuses an image above the limit.
    pub fn assemble(parts: &Parts) -> Result<Self> {
        let layer = Layer::pack(&parts.files)?;
        within_limit(layer.unpacked_bytes)?;
        let config = ImageConfig::of(&parts.platform, &parts.provenance, &parts.start, &layer);
        let config = encoded(&config)?;
        let annotations = parts.provenance.labels();
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(media_type::MANIFEST.into()),
            artifact_type: None,
            config: Descriptor::of(media_type::CONFIG, &config),
            layers: vec![layer.descriptor.clone()],
            subject: None,
            annotations: annotations.clone(),
        };
        let manifest = RawManifest::of(media_type::MANIFEST, &manifest)?;
        let sbom = attached(&manifest, &parts.sbom, annotations)?;
        let packed_bytes = layer.descriptor.size + config.len() as u64;
        let blobs = [layer.bytes, config, EMPTY.to_vec(), parts.sbom.clone()];
        Ok(Self {
            manifest,
            sbom,
            blobs: blobs
                .into_iter()
                .map(|bytes| (Digest::of(&bytes), bytes))
                .collect(),
            unpacked_bytes: layer.unpacked_bytes,
            packed_bytes,
        })
    }
}

const EMPTY: &[u8] = b"{}";

/// A manifest that hangs the bill of materials on the image.
fn attached(
    image: &RawManifest,
    sbom: &[u8],
    annotations: BTreeMap<String, String>,
) -> Result<RawManifest> {
    let document = Manifest {
        schema_version: 2,
        media_type: Some(media_type::MANIFEST.into()),
        artifact_type: Some(media_type::SBOM.into()),
        config: Descriptor::of(media_type::EMPTY, EMPTY),
        layers: vec![Descriptor::of(media_type::SBOM, sbom)],
        subject: Some(image.descriptor()),
        annotations,
    };
    RawManifest::of(media_type::MANIFEST, &document)
}

fn within_limit(bytes: u64) -> Result<()> {
    if bytes < UNPACKED_LIMIT {
        return Ok(());
    }
    let megabytes = |bytes: u64| bytes / 1_000_000;
    Err(Failure::refused(format!(
        "the image would have {} MB; {} MB is the limit",
        megabytes(bytes),
        megabytes(UNPACKED_LIMIT)
    ))
    .left("nothing was written")
    .hint("cargo build --release strips symbols; see what else the image was given"))
}

/// A document in the one spelling that its digest is made of.
///
/// # Errors
/// Never: its keys are texts.
pub fn encoded(document: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(document)
        .map_err(|error| Failure::failed("a document of the image can't be written").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::image::layer::{Entry, FileMode};
    use crate::image::{Document, root};

    fn parts(binary: &[u8]) -> Parts {
        let mut files = root::files();
        let program = Entry::File {
            bytes: binary.to_vec(),
            mode: FileMode::Runnable,
        };
        files.insert("app".into(), program);
        Parts {
            files,
            platform: Platform {
                os: "linux".into(),
                architecture: "amd64".into(),
                variant: None,
            },
            provenance: Provenance {
                title: "app".into(),
                revision: "0123456789abcdef0123456789abcdef01234567".into(),
                source: Some("https://example.com/platform".into()),
                version: "0.1.0".into(),
                created: Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
                schema: None,
            },
            start: Start {
                entrypoint: vec!["/app".into()],
                folder: "/".into(),
                ports: vec![8000],
            },
            sbom: b"{\"bomFormat\":\"CycloneDX\"}".to_vec(),
        }
    }

    #[test]
    fn the_same_parts_give_the_same_digest_and_other_parts_another() {
        let image = Image::assemble(&parts(b"one")).unwrap();
        assert_eq!(image, Image::assemble(&parts(b"one")).unwrap());
        let other = Image::assemble(&parts(b"two")).unwrap();
        assert_ne!(image.manifest.digest(), other.manifest.digest());
    }

    #[test]
    fn everything_that_a_manifest_names_is_there_with_its_length() {
        let image = Image::assemble(&parts(b"one")).unwrap();
        for raw in [&image.manifest, &image.sbom] {
            let Document::Manifest(manifest) = raw.document().unwrap() else {
                panic!("no manifest");
            };
            for blob in manifest.layers.iter().chain([&manifest.config]) {
                assert_eq!(image.blobs[&blob.digest].len() as u64, blob.size);
            }
        }
        let Document::Manifest(sbom) = image.sbom.document().unwrap() else {
            panic!("no manifest");
        };
        assert_eq!(sbom.subject.unwrap().digest, image.manifest.digest());
    }

    #[test]
    fn the_image_says_where_it_comes_from_and_runs_as_nobody() {
        let image = Image::assemble(&parts(b"one")).unwrap();
        let Document::Manifest(manifest) = image.manifest.document().unwrap() else {
            panic!("no manifest");
        };
        let config = String::from_utf8(image.blobs[&manifest.config.digest].clone()).unwrap();
        insta::assert_snapshot!(config, @r#"{"created":"2026-11-23T12:00:00Z","os":"linux","architecture":"amd64","config":{"User":"65532:65532","ExposedPorts":{"8000/tcp":{}},"Entrypoint":["/app"],"WorkingDir":"/","Labels":{"org.opencontainers.image.created":"2026-11-23T12:00:00Z","org.opencontainers.image.revision":"0123456789abcdef0123456789abcdef01234567","org.opencontainers.image.source":"https://example.com/platform","org.opencontainers.image.title":"app","org.opencontainers.image.version":"0.1.0"}},"rootfs":{"type":"layers","diff_ids":["sha256:d6ba0bfb7420230b887d4281175c174fa75726fbb4cef30aafb744b8a6dfc373"]},"history":[{"created":"2026-11-23T12:00:00Z","created_by":"opsctl image build"}]}"#);
        let read: ImageConfig = serde_json::from_str(&config).unwrap();
        assert_eq!(read.config.user.as_deref(), Some("65532:65532"));
    }

    #[test]
    fn an_image_above_the_limit_is_refused_with_its_size() {
        within_limit(UNPACKED_LIMIT - 1).unwrap();
        let failure = within_limit(UNPACKED_LIMIT).unwrap_err();
        assert_eq!(failure.kind, crate::FailureKind::Refused);
        assert!(failure.what.contains("500 MB"), "{failure}");
    }
}
