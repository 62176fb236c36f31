//! The manifests of an environment, rendered from its overlay.

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
    let folder = session.loaded.folder();
    let overlay = settings.manifests.to_string_lossy();
    let files = ManifestFolder::new(&folder);
    let manifests = render(&files, &overlay, &Kinds::default())?;
    let filled = fill_outputs(manifests, &outputs(session)?)?;
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
    let Some(file) = &workloads(&session.environment)?.outputs else {
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
