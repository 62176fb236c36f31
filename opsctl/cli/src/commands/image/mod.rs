//! `opsctl image`

mod build;
mod contents;
mod list;
mod promote;
mod push;
mod report;

use opsctl_core::image::Repository;
use opsctl_core::{Failure, Result};

pub use report::shipped;

use crate::args::{ImageCommand, ImagePlaceArgs, Program};
use crate::session::Session;

/// Runs an image command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: ImageCommand) -> Result<u8> {
    match command {
        ImageCommand::Build(args) => build::run(session, &args).await,
        ImageCommand::List { place } => list::run(session, &place).await,
        ImageCommand::Promote(args) => promote::run(session, &args).await,
    }
}

/// Where a program's images are kept: as the flag says, else as the environment does.
fn known_repository(session: &Session, place: &ImagePlaceArgs) -> Result<Option<Repository>> {
    if place.repository.is_some() {
        return Ok(place.repository.clone());
    }
    let Some(images) = &session.environment.settings.images else {
        return Ok(None);
    };
    match place.package {
        Program::App => Ok(Some(images.repository.clone())),
        Program::Opsctl => format!("{}-opsctl", images.repository).parse().map(Some),
    }
}

fn repository(session: &Session, place: &ImagePlaceArgs) -> Result<Repository> {
    known_repository(session, place)?.ok_or_else(|| {
        let name = &session.environment.name;
        Failure::usage(format!("'{name}' does not say where its images are kept"))
            .hint("add --repository <registry>/<path>")
            .hint("or set images.repository of the environment in opsctl.yaml")
    })
}
