//! Manifests in a folder of this machine. Reads whatever is asked for below the folder, and never writes.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use opsctl_core::manifests::{Entry, Files};
use opsctl_core::{Failure, Result};

/// A folder, under which paths are looked for.
#[derive(Debug, Clone)]
pub struct ManifestFolder(PathBuf);

impl ManifestFolder {
    /// The root that paths begin at: the folder of `opsctl.yaml`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }
}

impl Files for ManifestFolder {
    fn at(&self, path: &str) -> Result<Entry> {
        let place = self.0.join(path);
        let failed = |error| Failure::usage(format!("can't read {path}")).because(error);
        match std::fs::metadata(&place) {
            Ok(metadata) if metadata.is_dir() => Ok(Entry::Folder),
            Ok(_) => read(&place, path),
            Err(error) if is_absent(error.kind()) => Ok(Entry::Absent),
            Err(error) => Err(failed(error).hint(format!("ls -l {path}"))),
        }
    }
}

/// A file on the way is as good as nothing.
fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn read(place: &Path, path: &str) -> Result<Entry> {
    let failed = |error| Failure::usage(format!("can't read {path}")).because(error);
    let bytes =
        std::fs::read(place).map_err(|error| failed(error).hint(format!("ls -l {path}")))?;
    String::from_utf8(bytes).map(Entry::File).map_err(|error| {
        let failure = Failure::usage(format!("{path} is no text in UTF-8")).because(error);
        failure.hint(format!("file {path}"))
    })
}
