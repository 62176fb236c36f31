//! Images into a registry, between repositories and back.

use opsctl_core::image::{ImageReference, Platform, list, resolve};
use opsctl_core::ports::{Brought, ImagePlace, Registry as _};
use testkit::registry::Front;

use crate::stage::{
    blobs, bring, by_tag, client, image, laid, open_registry, push, put, repository,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_pushed_found_listed_and_resolved() {
    let registry = open_registry();
    let (client, into) = (client(), repository(&registry.host(), "team/app"));
    assert!(client.tags(&into).await.unwrap().is_empty());
    assert_eq!(client.find(&into, &by_tag("v1.0.0")).await.unwrap(), None);
    let image = image(100_000, 1);
    let brought = push(&client, &image, &into, "v1.0.0").await.unwrap();
    assert!(brought.iter().all(|how| *how == Brought::Sent));
    let found = client.find(&into, &by_tag("v1.0.0")).await.unwrap();
    assert_eq!(found.unwrap(), image.manifest.descriptor());
    let reference = ImageReference::tagged(into.clone(), "v1.0.0".parse().unwrap());
    let resolved = resolve(&client, &reference).await.unwrap();
    assert_eq!(resolved.digest, image.manifest.digest());
    assert!(resolved.runs_on(&Platform {
        os: "linux".into(),
        architecture: "amd64".into(),
        variant: None,
    }));
    let (listed, unreadable) = list(&client, &into).await.unwrap();
    assert!(unreadable.is_empty(), "{unreadable:?}");
    assert_eq!(listed[0].image.size_bytes, image.packed_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registry_has_is_not_sent_again() {
    let registry = open_registry();
    let (client, into) = (client(), repository(&registry.host(), "app"));
    let image = image(10_000, 1);
    push(&client, &image, &into, "v1.0.0").await.unwrap();
    let again = push(&client, &image, &into, "v1.0.0").await.unwrap();
    assert!(again.iter().all(|how| *how == Brought::Held));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_repository_of_the_same_registry_gets_a_blob_without_a_copy() {
    let registry = open_registry();
    let client = client();
    let front = Front::before(&registry.host()).await.unwrap();
    let (ours, theirs) = (
        repository(&front.host(), "staging/app"),
        repository(&front.host(), "production/app"),
    );
    let image = image(10_000, 1);
    push(&client, &image, &ours, "v1.0.0").await.unwrap();
    let puts = front.count("PUT", "blobs/uploads");
    let from = ImagePlace::Repository(ours);
    for blob in blobs(&image) {
        let bring = bring(&client, &from, &theirs, &blob);
        assert_eq!(bring.await.unwrap(), Brought::Mounted);
    }
    assert_eq!(front.count("PUT", "blobs/uploads"), puts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_blob_goes_in_parts_into_another_registry_and_stays_what_it_was() {
    let (one, other) = (open_registry(), open_registry());
    let client = client();
    let front = Front::before(&other.host()).await.unwrap();
    let ours = repository(&one.host(), "app");
    let theirs = repository(&front.host(), "app");
    let image = image(40 << 20, 1);
    push(&client, &image, &ours, "v1.0.0").await.unwrap();
    let from = ImagePlace::Repository(ours);
    for blob in blobs(&image) {
        let bring = bring(&client, &from, &theirs, &blob);
        assert_eq!(bring.await.unwrap(), Brought::Sent);
        assert!(client.holds(&theirs, &blob.digest).await.unwrap());
    }
    assert!(front.count("PATCH", "blobs/uploads") >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_attached_is_found_again_where_the_registry_keeps_no_list_of_it() {
    let registry = open_registry();
    let client = client();
    let into = repository(&registry.host(), "app");
    let image = image(10_000, 1);
    push(&client, &image, &into, "v1.0.0").await.unwrap();
    let place = ImagePlace::Repository(into.clone());
    let digest = image.manifest.digest();
    assert!(client.attached(&place, &digest).await.unwrap().is_empty());
    let (_folder, from) = laid(&image);
    for blob in client.attached(&from, &digest).await.unwrap() {
        assert_eq!(blob.digest, image.sbom.digest());
    }
    let opsctl_core::image::Document::Manifest(sbom) = image.sbom.document().unwrap() else {
        panic!("no manifest");
    };
    for blob in sbom.layers.iter().chain([&sbom.config]) {
        let bring = bring(&client, &from, &into, blob);
        bring.await.unwrap();
    }
    let name = opsctl_core::image::ManifestName::Digest(image.sbom.digest());
    // Twice: it is listed once.
    for _ in 0..2 {
        put(&client, &into, &name, &image.sbom).await.unwrap();
    }
    let attached = client.attached(&place, &digest).await.unwrap();
    assert_eq!(attached.len(), 1);
    assert_eq!(attached[0].digest, image.sbom.digest());
    let kind = attached[0].artifact_type.as_deref();
    assert_eq!(kind, Some("application/vnd.cyclonedx+json"));
    let (listed, _) = list(&client, &into).await.unwrap();
    assert_eq!(listed.len(), 1, "the list of what is attached is no image");
}
