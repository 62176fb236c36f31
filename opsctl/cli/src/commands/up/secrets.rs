//! The secrets of a local environment: made once, readable by their owner alone.

use std::path::{Path, PathBuf};

use opsctl_core::Result;
use opsctl_local::secrets::LocalSecrets;

/// The file that the service reads; made where there is none.
///
/// # Errors
/// When it can't be written.
pub fn file(folder: &Path) -> Result<PathBuf> {
    LocalSecrets::below(folder).of_application()
}
