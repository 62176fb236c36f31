//! An image in a folder, and a registry that it may go to.

use std::path::Path;

use opsctl_core::clock::Timestamp;
use opsctl_core::image::layer::{Entry, FileMode};
use opsctl_core::image::{
    Descriptor, Document, Image, ManifestName, Parts, Platform, Provenance, RawManifest,
    Repository, Start, root,
};
use opsctl_core::ports::{Brought, ImagePlace, Registry as _, RegistryError};
use opsctl_registry::layout::{Called, write};
use opsctl_registry::{DockerConfig, RegistryClient};
use opsctl_simulation::Grant;
use testkit::registry::Registry;

/// An image whose program is so many bytes that no compression makes less.
pub fn image(bytes: usize, seed: u8) -> Image {
    let mut files = root::files();
    let mut state = u64::from(seed) + 1;
    let noise = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    });
    let program = Entry::File {
        bytes: noise.take(bytes).collect(),
        mode: FileMode::Runnable,
    };
    files.insert("app".into(), program);
    let parts = Parts {
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
    };
    Image::assemble(&parts).unwrap()
}

/// The image in a folder of its own.
pub fn laid(image: &Image) -> (tempfile::TempDir, ImagePlace) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("image");
    write(&place, image, &Called::default()).unwrap();
    (folder, ImagePlace::Layout(place))
}

pub fn client() -> RegistryClient {
    RegistryClient::new(|| Ok(DockerConfig::default()))
}

pub fn repository(host: &str, path: &str) -> Repository {
    format!("{host}/{path}").parse().unwrap()
}

pub fn open_registry() -> Registry {
    Registry::start().unwrap()
}

/// Every blob that the image's own manifest names.
pub fn blobs(image: &Image) -> Vec<Descriptor> {
    let Document::Manifest(manifest) = image.manifest.document().unwrap() else {
        panic!("no manifest");
    };
    manifest
        .layers
        .into_iter()
        .chain([manifest.config])
        .collect()
}

/// Brings one blob.
pub async fn bring(
    client: &RegistryClient,
    from: &ImagePlace,
    into: &Repository,
    blob: &Descriptor,
) -> Result<Brought, RegistryError> {
    let grant = Grant::new("image-push-1").await;
    let (permit, progress) = (grant.permit(), grant.progress());
    client.bring(&permit, from, into, blob, &progress).await
}

/// Puts one manifest.
pub async fn put(
    client: &RegistryClient,
    into: &Repository,
    name: &ManifestName,
    manifest: &RawManifest,
) -> Result<(), RegistryError> {
    let grant = Grant::new("image-push-1").await;
    client.put(&grant.permit(), into, name, manifest).await
}

/// Sends the blobs, then the manifest under its digest and under that tag.
pub async fn push(
    client: &RegistryClient,
    image: &Image,
    into: &Repository,
    tag: &str,
) -> Result<Vec<Brought>, RegistryError> {
    let (_folder, place) = laid(image);
    let mut brought = Vec::new();
    for blob in blobs(image) {
        brought.push(bring(client, &place, into, &blob).await?);
    }
    let exact = ManifestName::Digest(image.manifest.digest());
    for name in [exact, by_tag(tag)] {
        put(client, into, &name, &image.manifest).await?;
    }
    Ok(brought)
}

pub fn by_tag(tag: &str) -> ManifestName {
    ManifestName::Tag(tag.parse().unwrap())
}

pub fn size_of_folder(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| entries.count())
}
