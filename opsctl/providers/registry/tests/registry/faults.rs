//! What goes wrong with registries: away, too busy, lying, half done.

use opsctl_core::image::{Digest, ManifestName};
use opsctl_core::ports::{Brought, ImagePlace, Registry as _, RegistryError};
use testkit::registry::{Fault, Front, Registry};

use crate::stage::{blobs, bring, by_tag, client, image, laid, open_registry, push, repository};

async fn with_front() -> (Registry, Front) {
    let registry = open_registry();
    let front = Front::before(&registry.host()).await.unwrap();
    (registry, front)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_away_is_told_of_and_comes_back() {
    let mut registry = open_registry();
    let (client, into) = (client(), repository(&registry.host(), "app"));
    push(&client, &image(1000, 1), &into, "v1.0.0")
        .await
        .unwrap();
    registry.stop().unwrap();
    let error = client.find(&into, &by_tag("v1.0.0")).await.unwrap_err();
    assert!(
        matches!(error, RegistryError::Unreachable { .. }),
        "{error}"
    );
    assert!(error.is_transient());
    registry.start_again().unwrap();
    assert!(
        client
            .find(&into, &by_tag("v1.0.0"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_asked_too_often_is_asked_a_little_later() {
    let (_registry, front) = with_front().await;
    let (client, into) = (client(), repository(&front.host(), "app"));
    front.fail("HEAD", "blobs", 2, Fault::Status(429, Some("1")));
    front.fail("POST", "blobs", 1, Fault::Status(503, None));
    front.fail("PUT", "manifests", 1, Fault::Status(429, None));
    push(&client, &image(1000, 1), &into, "v1.0.0")
        .await
        .unwrap();
    assert!(
        client
            .find(&into, &by_tag("v1.0.0"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_wants_to_be_left_alone_for_long_is_left_alone_at_once() {
    let (_registry, front) = with_front().await;
    front.fail("GET", "tags", 100, Fault::Status(429, Some("3600")));
    let error = client()
        .tags(&repository(&front.host(), "app"))
        .await
        .unwrap_err();
    match &error {
        RegistryError::RateLimited { retry_after, .. } => {
            assert_eq!(retry_after.unwrap().as_secs(), 3600);
        }
        other => panic!("{other}"),
    }
    assert!(error.is_transient());
    assert_eq!(front.count("GET", "tags"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_answer_was_lost_is_done_again_and_leaves_one_blob() {
    let (_registry, front) = with_front().await;
    let (client, into) = (client(), repository(&front.host(), "app"));
    front.fail("PUT", "blobs/uploads", 1, Fault::LostAnswer);
    let image = image(1000, 1);
    push(&client, &image, &into, "v1.0.0").await.unwrap();
    for blob in blobs(&image) {
        assert!(client.holds(&into, &blob.digest).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_was_altered_on_the_way_never_gets_a_name() {
    let (_registry, front) = with_front().await;
    let (client, into) = (client(), repository(&front.host(), "app"));
    front.fail("PUT", "blobs/uploads", 1, Fault::AlteredOnTheWay);
    let error = push(&client, &image(1000, 1), &into, "v1.0.0")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("DIGEST_INVALID"), "{error}");
    assert_eq!(client.find(&into, &by_tag("v1.0.0")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_took_something_else_is_found_out() {
    let (_registry, front) = with_front().await;
    let (client, into) = (client(), repository(&front.host(), "app"));
    front.fail("PUT", "manifests", 1, Fault::AnotherDigest);
    let error = push(&client, &image(1000, 1), &into, "v1.0.0")
        .await
        .unwrap_err();
    assert!(matches!(error, RegistryError::Altered { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_rotted_in_one_registry_never_reaches_another() {
    let (one, other) = (open_registry(), open_registry());
    let client = client();
    let (ours, theirs) = (
        repository(&one.host(), "app"),
        repository(&other.host(), "app"),
    );
    let image = image(1000, 1);
    push(&client, &image, &ours, "v1.0.0").await.unwrap();
    let blob = blobs(&image).remove(0);
    testkit::files::flip_bit(&one.file_of_blob(blob.digest.hex()), 500).unwrap();
    let from = ImagePlace::Repository(ours);
    let bring = bring(&client, &from, &theirs, &blob);
    let error = bring.await.unwrap_err();
    assert!(matches!(error, RegistryError::Altered { .. }), "{error}");
    assert!(!client.holds(&theirs, &blob.digest).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_died_between_blobs_and_manifest_is_finished_without_sending_again() {
    let (_registry, front) = with_front().await;
    let (client, into) = (client(), repository(&front.host(), "app"));
    let image = image(1000, 1);
    let (_folder, place) = laid(&image);
    for blob in blobs(&image) {
        let bring = bring(&client, &place, &into, &blob);
        assert_eq!(bring.await.unwrap(), Brought::Sent);
    }
    let sent = front.count("PUT", "blobs/uploads");
    let again = push(&client, &image, &into, "v1.0.0").await.unwrap();
    assert!(again.iter().all(|how| *how == Brought::Held));
    assert_eq!(front.count("PUT", "blobs/uploads"), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_by_name() {
    let registry = open_registry();
    let (client, ours) = (client(), repository(&registry.host(), "app"));
    let place = ImagePlace::Repository(ours.clone());
    let digest = Digest::of(b"nothing");
    let name = ManifestName::Digest(digest.clone());
    let error = client.manifest(&place, &name).await.unwrap_err();
    assert!(matches!(error, RegistryError::NotFound(_)), "{error}");
    assert!(error.to_string().contains(digest.as_str()), "{error}");
    assert!(!client.holds(&ours, &digest).await.unwrap());
}
