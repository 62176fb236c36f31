//! The manifests of an environment, rendered from its overlay.

use std::path::Path;

use opsctl_core::deploy::workloads;
use opsctl_core::manifests::{Kinds, Outputs, fill_outputs, render};
use opsctl_core::workloads::Object;
use opsctl_core::{Failure, Result};
use opsctl_local::manifests::ManifestFolder;

use crate::session::Session;

/// What the overlay says, with the names that Terraform made.
///
/// # Errors
/// Names the file, the line and what is wrong in it.
pub fn rendered(session: &Session) -> Result<Vec<Object>> {
    let settings = workloads(&session.environment)?;
    rendered_from(session, &settings.manifests, settings.outputs.as_deref())
}

/// What an overlay says, with the names that stand in that file.
///
/// # Errors
/// Names the file, the line and what is wrong in it.
pub fn rendered_from(
    session: &Session,
    overlay: &Path,
    outputs: Option<&Path>,
) -> Result<Vec<Object>> {
    let folder = session.loaded.folder();
    let files = ManifestFolder::new(&folder);
    let manifests = render(&files, &overlay.to_string_lossy(), &Kinds::default())?;
    let filled = fill_outputs(manifests, &read_outputs(session, outputs)?)?;
    Ok(filled
        .into_iter()
        .map(|it| Object(it.into_value()))
        .collect())
}

/// What Terraform made, as the environment's file has it.
///
/// # Errors
/// When the file can't be read.
pub fn outputs(session: &Session) -> Result<Outputs> {
    read_outputs(session, workloads(&session.environment)?.outputs.as_deref())
}

fn read_outputs(session: &Session, file: Option<&Path>) -> Result<Outputs> {
    let Some(file) = file else {
        return Ok(Outputs::default());
    };
    let path = session.loaded.folder().join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::usage(format!("can't read {}", path.display()))
            .because(error)
            .hint(format!("terraform output -json > {}", file.display()))
    })?;
    Outputs::read(&file.to_string_lossy(), &text)
}
