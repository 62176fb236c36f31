//! Images pushed and promoted: killed at every boundary, raced for a tag, refused.

use std::path::PathBuf;

use opsctl_core::FailureKind;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::{Basis, OperationKind, Plan, Severity};
use opsctl_core::image::layer::{Entry, FileMode};
use opsctl_core::image::{
    Digest, Image, ImageReference, ManifestName, Mover, Parts, Platform, Provenance, Repository,
    Shipment, Start, Tag, list, observe, plan, resolve, root,
};
use opsctl_core::names::OperationId;
use opsctl_core::ports::ImagePlace;

use crate::backup::stock::empty;
use crate::restore::stage::Stage;

const OURS: &str = "registry.example/team/app";
const THEIRS: &str = "other.example/team/app";

pub fn image(binary: &str) -> Image {
    let mut files = root::files();
    let program = Entry::File {
        bytes: binary.as_bytes().to_vec(),
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
            source: None,
            version: "0.1.0".into(),
            created: Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
            schema: None,
        },
        start: Start {
            entrypoint: vec!["/app".into()],
            folder: "/".into(),
            ports: vec![8000],
        },
        sbom: format!("{{\"of\":\"{binary}\"}}").into_bytes(),
    };
    Image::assemble(&parts).unwrap()
}

fn repository(text: &str) -> Repository {
    text.parse().unwrap()
}

/// The image lies in a folder and is to be pushed under that tag.
fn push(stage: &Stage, image: &Image, tag: &str) -> Shipment {
    let place = ImagePlace::Layout(PathBuf::from(image.manifest.digest().hex()));
    stage.platform.lay(&place, image);
    Shipment {
        by: Mover::Push,
        from: place,
        name: ManifestName::Digest(image.manifest.digest()),
        into: repository(OURS),
        tag: tag.parse().unwrap(),
    }
}

fn promote(from: &str, into: &str, tag: &str) -> Shipment {
    Shipment {
        by: Mover::Promote,
        from: ImagePlace::Repository(repository(OURS)),
        name: ManifestName::Tag(from.parse().unwrap()),
        into: repository(into),
        tag: tag.parse().unwrap(),
    }
}

async fn planned(stage: &Stage, shipment: &Shipment) -> opsctl_core::Result<Plan> {
    let world = stage.world();
    let observed = observe(world.registry.as_ref(), shipment).await?;
    let kind = match shipment.by {
        Mover::Push => OperationKind::ImagePush,
        Mover::Promote => OperationKind::ImagePromote,
    };
    // Each of its own: two operations of one name would be one.
    let id = format!("{kind}-{}-{}", shipment.tag, shipment.into.registry());
    let basis = Basis {
        operation: OperationId::new(id).unwrap(),
        ..stage.basis("any")
    };
    plan(&basis, shipment, &observed)
}

async fn pushed(stage: &Stage, image: &Image, tag: &str) {
    let plan = planned(stage, &push(stage, image, tag)).await.unwrap();
    stage.execute(&plan).await.unwrap();
}

fn named(stage: &Stage, repository_name: &str, tag: &str) -> Option<Digest> {
    let place = ImagePlace::Repository(repository(repository_name));
    let tag: Tag = tag.parse().unwrap();
    stage.platform.shelf(&place).tags.get(&tag).cloned()
}

#[tokio::test]
async fn a_push_brings_the_image_and_its_bill_of_materials_and_asks_nobody() {
    let (stage, image) = (empty(), image("one"));
    let plan = planned(&stage, &push(&stage, &image, "v1.0.0"))
        .await
        .unwrap();
    assert_eq!(plan.severity, Severity::Mild);
    let conclusion = stage.execute(&plan).await.unwrap();
    let digest = image.manifest.digest();
    assert_eq!(conclusion.result["digest"], digest.as_str());
    assert_eq!(named(&stage, OURS, "v1.0.0"), Some(digest.clone()));
    let world = stage.world();
    let place = ImagePlace::Repository(repository(OURS));
    let attached = world.registry.attached(&place, &digest).await.unwrap();
    assert_eq!(attached[0].digest, image.sbom.digest());
}

#[tokio::test]
async fn a_push_killed_at_any_boundary_and_resumed_sends_nothing_twice() {
    let image = image("one");
    let counted = empty();
    let plan = planned(&counted, &push(&counted, &image, "v1.0.0")).await;
    let count = counted.boundaries(&plan.unwrap()).await;
    assert!(count > 12, "{count} boundaries");
    let every = (0..count).map(|at| {
        let image = image.clone();
        async move {
            let stage = empty();
            let plan = planned(&stage, &push(&stage, &image, "v1.0.0")).await;
            let plan = plan.unwrap();
            if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
                answer.unwrap();
            }
            assert!(!stage.view(&plan).await.is_open(), "killed at {at}");
            let digest = image.manifest.digest();
            assert_eq!(
                named(&stage, OURS, "v1.0.0"),
                Some(digest),
                "killed at {at}"
            );
            let shelf = stage
                .platform
                .shelf(&ImagePlace::Repository(repository(OURS)));
            assert_eq!(shelf.sent.len(), 4, "killed at {at}");
            assert!(
                shelf.sent.values().all(|times| *times == 1),
                "twice, at {at}"
            );
        }
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_version_that_names_another_image_is_refused_and_the_same_image_is_not() {
    let stage = empty();
    pushed(&stage, &image("one"), "v1.0.0").await;
    let refused = planned(&stage, &push(&stage, &image("two"), "v1.0.0")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert_eq!(refused.kind.exit_code(), 4);
    assert!(
        refused.to_string().contains("names another image"),
        "{refused}"
    );
    let again = planned(&stage, &push(&stage, &image("one"), "v1.0.0")).await;
    assert!(again.is_ok());
}

#[tokio::test]
async fn a_tag_that_somebody_gave_after_the_plan_is_not_overwritten() {
    let (stage, image) = (empty(), image("one"));
    let plan = planned(&stage, &push(&stage, &image, "v1.0.0"))
        .await
        .unwrap();
    let other = Digest::of(b"somebody else's");
    let tag: Tag = "v1.0.0".parse().unwrap();
    stage.platform.name(&repository(OURS), &tag, &other);
    let refused = stage.execute(&plan).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert_eq!(named(&stage, OURS, "v1.0.0"), Some(other));
}

#[tokio::test]
async fn a_promotion_in_one_repository_gives_a_tag_and_sends_nothing() {
    let (stage, image) = (empty(), image("one"));
    pushed(&stage, &image, "staging-0123456789ab").await;
    let before = stage
        .platform
        .shelf(&ImagePlace::Repository(repository(OURS)));
    let shipment = promote("staging-0123456789ab", OURS, "v1.0.0");
    let plan = planned(&stage, &shipment).await.unwrap();
    assert_eq!(plan.severity, Severity::Moderate);
    assert_eq!(plan.actions.len(), 1);
    stage.execute(&plan).await.unwrap();
    let after = stage
        .platform
        .shelf(&ImagePlace::Repository(repository(OURS)));
    assert_eq!(before.sent, after.sent);
    assert_eq!(named(&stage, OURS, "v1.0.0"), Some(image.manifest.digest()));
}

#[tokio::test]
async fn a_promotion_into_another_registry_keeps_the_digest_and_brings_what_is_attached() {
    let (stage, image) = (empty(), image("one"));
    pushed(&stage, &image, "v1.0.0").await;
    let plan = planned(&stage, &promote("v1.0.0", THEIRS, "v1.0.0")).await;
    stage.execute(&plan.unwrap()).await.unwrap();
    let digest = image.manifest.digest();
    assert_eq!(named(&stage, THEIRS, "v1.0.0"), Some(digest.clone()));
    let place = ImagePlace::Repository(repository(THEIRS));
    let world = stage.world();
    let attached = world.registry.attached(&place, &digest).await.unwrap();
    assert_eq!(attached[0].digest, image.sbom.digest());
}

#[tokio::test]
async fn latest_alone_moves_and_only_to_a_release() {
    let (stage, one, two) = (empty(), image("one"), image("two"));
    pushed(&stage, &one, "v1.0.0").await;
    pushed(&stage, &two, "staging-0123456789ab").await;
    let plan = planned(&stage, &promote("v1.0.0", OURS, "latest")).await;
    stage.execute(&plan.unwrap()).await.unwrap();
    let untried = promote("staging-0123456789ab", OURS, "latest");
    let refused = planned(&stage, &untried).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    let refused = planned(&stage, &push(&stage, &two, "latest")).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Refused);
    pushed(&stage, &two, "v2.0.0").await;
    let mut plan = planned(&stage, &promote("v2.0.0", OURS, "latest"))
        .await
        .unwrap();
    plan.operation = OperationId::new("image-promote-latest-2").unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.result["before"], one.manifest.digest().as_str());
    assert_eq!(named(&stage, OURS, "latest"), Some(two.manifest.digest()));
}

#[tokio::test]
async fn a_name_is_resolved_to_its_digest_and_where_it_runs() {
    let (stage, image) = (empty(), image("one"));
    pushed(&stage, &image, "v1.0.0").await;
    let world = stage.world();
    let reference: ImageReference = format!("{OURS}:v1.0.0").parse().unwrap();
    let found = resolve(world.registry.as_ref(), &reference).await.unwrap();
    assert_eq!(found.digest, image.manifest.digest());
    assert_eq!(found.platforms[0].to_string(), "linux/amd64");
    let exact = resolve(world.registry.as_ref(), &found.exact()).await;
    assert_eq!(exact.unwrap().digest, found.digest);
    let missing: ImageReference = format!("{OURS}:v9.9.9").parse().unwrap();
    let failure = resolve(world.registry.as_ref(), &missing)
        .await
        .unwrap_err();
    assert!(failure.hints[0].contains("image list"), "{failure}");
    let (listed, unreadable) = list(world.registry.as_ref(), &repository(OURS))
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert!(unreadable.is_empty());
}
