//! The files that go along to the cluster.

use std::path::Path;

use opsctl_core::environment::DatabaseTarget;
use opsctl_core::runner::RunnerFiles;
use opsctl_core::{Failure, Result};

use crate::session::Session;

/// The configuration, and who vouches for the database.
///
/// # Errors
/// When one of them can't be read.
pub fn files(session: &Session) -> Result<RunnerFiles> {
    let files = RunnerFiles::of(read(&session.loaded.path)?);
    let authority = match &session.environment.settings.database {
        DatabaseTarget::Rds(rds) => rds.authority.as_ref(),
        _ => None,
    };
    let Some(authority) = authority else {
        return Ok(files);
    };
    let text = read(&session.loaded.folder().join(authority))?;
    Ok(files.with(authority.display().to_string(), text))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("can't read {}", path.display())).because(error))
}
