//! Images as files: whole or not at all.

use opsctl_core::image::ManifestName;
use opsctl_core::ports::{ImagePlace, Registry as _, RegistryError};
use opsctl_registry::layout::{Called, pack, write};
use testkit::files::SmallDisk;

use crate::stage::{blobs, by_tag, client, image, laid, size_of_folder};

#[tokio::test]
async fn an_image_is_read_back_as_it_was_written_and_by_its_tag() {
    let folder = tempfile::tempdir().unwrap();
    let (image, place) = (image(1000, 1), folder.path().join("image"));
    let called = Called {
        tag: Some("v1.0.0".into()),
        name: Some("example.com/app:v1.0.0".into()),
    };
    // A second time over the first.
    for _ in 0..2 {
        write(&place, &image, &called).unwrap();
    }
    assert_eq!(size_of_folder(folder.path()), 1, "nothing lies beside it");
    let (client, place) = (client(), ImagePlace::Layout(place));
    let raw = client.manifest(&place, &by_tag("v1.0.0")).await.unwrap();
    assert_eq!(raw, image.manifest);
    for blob in blobs(&image) {
        let bytes = client.blob(&place, &blob).await.unwrap();
        assert_eq!(bytes, image.blobs[&blob.digest]);
    }
}

#[tokio::test]
async fn a_file_that_rotted_is_found_out() {
    let image = image(1000, 1);
    let (_folder, place) = laid(&image);
    let ImagePlace::Layout(path) = &place else {
        panic!("no folder");
    };
    let digest = image.manifest.digest();
    let file = path.join("blobs/sha256").join(digest.hex());
    testkit::files::flip_bit(&file, 10).unwrap();
    let name = ManifestName::Digest(digest);
    let error = client().manifest(&place, &name).await.unwrap_err();
    assert!(matches!(error, RegistryError::Altered { .. }), "{error}");
}

#[test]
fn a_full_disk_leaves_the_folder_that_was_there_and_nothing_beside_it() {
    let disk = SmallDisk::mount(2).unwrap();
    let place = disk.path().join("images/one");
    write(&place, &image(1000, 1), &Called::default()).unwrap();
    let before = std::fs::read(place.join("index.json")).unwrap();
    let failure = write(&place, &image(3 << 20, 2), &Called::default()).unwrap_err();
    assert!(failure.to_string().contains("space"), "{failure}");
    assert!(failure.left_behind.is_some());
    assert_eq!(std::fs::read(place.join("index.json")).unwrap(), before);
    assert_eq!(size_of_folder(&disk.path().join("images")), 1);
    let packed = disk.path().join("images/one.tar");
    assert!(pack(&packed, &image(3 << 20, 2), &Called::default()).is_err());
    assert_eq!(size_of_folder(&disk.path().join("images")), 1);
}

#[test]
fn a_packed_image_is_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("1.tar"), folder.path().join("2.tar"));
    for file in [&one, &other] {
        pack(file, &image(1000, 1), &Called::default()).unwrap();
    }
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
}
