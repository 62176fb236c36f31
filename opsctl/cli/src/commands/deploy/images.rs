//! The images of a release: tags become digests, and every digest is there.

use std::collections::BTreeMap;

use opsctl_core::deploy::{PinnedImage, last_success, release::history, release::show};
use opsctl_core::image::{ImageReference, SchemaRange, resolve};
use opsctl_core::ports::World;
use opsctl_core::{Failure, Result};

use crate::args::DeployArgs;
use crate::session::Session;

/// The name under which the manifests know the image of the service.
const APP: &str = "app";

/// The images by the name that the manifests use, each with its digest.
///
/// # Errors
/// When one of them can't be found.
pub async fn chosen(
    session: &Session,
    world: &World,
    args: &DeployArgs,
) -> Result<BTreeMap<String, PinnedImage>> {
    let settings = session.environment.settings.images.as_ref();
    let repository = settings.map(|settings| &settings.repository);
    let mut wanted = running(world).await?;
    if let Some(version) = &args.version {
        let reference = ImageReference::beside(repository, version)?;
        wanted.insert(APP.to_owned(), reference.to_string());
    }
    for image in &args.image {
        let (name, reference) = image.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--image is '{image}'"))
                .hint("write it as --image app=<repository>:<tag>")
        })?;
        let reference = ImageReference::beside(repository, reference)?;
        wanted.insert(name.to_owned(), reference.to_string());
    }
    if wanted.is_empty() {
        return Err(
            Failure::usage("which version? Nothing was released here yet")
                .left("nothing was changed")
                .hint("opsctl image list")
                .hint("opsctl deploy <version>"),
        );
    }
    pinned(world, &wanted).await
}

/// The images that the release that serves was made with.
///
/// # Errors
/// When the store can't be read.
pub async fn running(world: &World) -> Result<BTreeMap<String, String>> {
    let store = world.store.as_ref();
    let Some(number) = last_success(&history(store).await?) else {
        return Ok(BTreeMap::new());
    };
    Ok(show(store, number).await?.opened.images)
}

/// The same, looked up. One that is gone can't be gone back to: said, and no reason to stop what may be its cure.
///
/// # Errors
/// When the store can't be read.
pub async fn found_running(
    session: &Session,
    world: &World,
) -> Result<BTreeMap<String, PinnedImage>> {
    let mut all = BTreeMap::new();
    for (name, reference) in running(world).await? {
        let one = BTreeMap::from([(name, reference.clone())]);
        match pinned(world, &one).await {
            Ok(found) => all.extend(found),
            Err(failure) => session.output.say(&format!(
                "warning: a failure could not go back to {reference}: {}",
                failure.what
            )),
        }
    }
    Ok(all)
}

/// Each with its digest, and with the processors that it runs on. An image that was deleted meanwhile can't be deployed.
///
/// # Errors
/// Names the image, and where it was looked for.
pub async fn pinned(
    world: &World,
    images: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, PinnedImage>> {
    let mut all = BTreeMap::new();
    for (name, reference) in images {
        let found = resolve(world.registry.as_ref(), &reference.parse()?).await?;
        let pinned = PinnedImage {
            reference: found.reference.to_string(),
            platforms: found.platforms,
            schema: SchemaRange::of(&found.labels),
        };
        all.insert(name.clone(), pinned);
    }
    Ok(all)
}
