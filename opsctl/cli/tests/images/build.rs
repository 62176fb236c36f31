//! Built from source: the same wherever it lies, small, static, and refused when it should be.

use std::process::Command;

use testkit::registry::Registry;

use crate::place::Place;

#[test]
fn the_same_commit_in_another_folder_gives_the_same_image_to_the_last_bit() {
    let registry = Registry::start().unwrap();
    let (one, other) = (Place::before(&registry), Place::before(&registry));
    assert_ne!(one.path(), other.path());
    let first = one.run("image build").expect(0).document();
    let second = other.run("image build").expect(0).document();
    assert_eq!(first["digest"], second["digest"]);
    assert_eq!(first["sbom"], second["sbom"]);
    assert_eq!(first["within_goals"], true);
    other.change("two");
    let third = other.run("image build").expect(0).document();
    assert_ne!(first["digest"], third["digest"]);
}

#[test]
fn the_program_is_static_and_knows_no_path_of_this_machine() {
    let place = Place::before(&Registry::start().unwrap());
    let built = place.run("image build").expect(0).document();
    let bytes = std::fs::read(place.binary()).unwrap();
    let here = place.path().to_str().unwrap().as_bytes();
    let mut windows = bytes.windows(here.len());
    assert!(windows.all(|window| window != here));
    // An empty root has no loader and no library: chroot proves what `file` only says.
    let root = tempfile::tempdir().unwrap();
    std::fs::copy(place.binary(), root.path().join("app")).unwrap();
    let ran = Command::new("chroot").arg(root.path()).arg("/app").output();
    let ran = ran.unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert!(String::from_utf8_lossy(&ran.stdout).starts_with("hello of one"));
    let folder = built["place"].as_str().unwrap();
    assert!(std::path::Path::new(folder).join("index.json").is_file());
}

#[test]
fn a_dry_run_tells_the_digest_and_writes_nothing() {
    let registry = Registry::start().unwrap();
    let place = Place::before(&registry);
    let told = place.run("image build --dry-run").expect(0).document();
    assert_eq!(told["written"], false);
    assert!(!place.path().join("target/images").exists());
    let built = place
        .run("image build --into image.tar")
        .expect(0)
        .document();
    assert_eq!(built["digest"], told["digest"]);
    assert!(place.path().join("image.tar").is_file());
    let plan = place
        .run("image build --push --dry-run")
        .expect(0)
        .document();
    assert_eq!(plan["kind"], "image-push");
    let listed = place.run("image list").expect(0).document();
    assert_eq!(listed["images"].as_array().unwrap().len(), 0);
}

#[test]
fn what_no_commit_holds_is_built_and_never_pushed() {
    let place = Place::before(&Registry::start().unwrap());
    place.write("app/src/main.rs", "fn main() {}\n");
    let built = place.run("image build").expect(0).document();
    let revision = built["revision"].as_str().unwrap();
    assert!(revision.ends_with("-dirty"), "{revision}");
    let refused = place.run("image build --push").expect(4);
    assert!(refused.stdout.contains("no commit holds"), "{refused:?}");
}

#[test]
fn a_time_from_outside_replaces_the_commit_s() {
    let place = Place::before(&Registry::start().unwrap());
    let build = |epoch: &str| place.run_with("image build", &[("SOURCE_DATE_EPOCH", epoch)]);
    let built = build("1795435201").expect(0).document();
    assert_eq!(built["created"], "2026-11-23T12:00:01Z");
    let refused = build("yesterday").expect(2);
    assert!(refused.stdout.contains("date +%s"), "{refused:?}");
}

#[test]
fn a_program_that_does_not_compile_leaves_no_image() {
    let place = Place::before(&Registry::start().unwrap());
    place.write("app/src/main.rs", "fn main() { nonsense }\n");
    let failed = place.run("image build").expect(1);
    assert!(failed.stderr.contains("nonsense"), "{failed:?}");
    assert!(!place.path().join("target/images").exists());
}
