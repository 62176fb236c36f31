//! Reads `SECRETS_DIR`: one file a secret, as Kubernetes and its CSI drivers mount them. A mount is exchanged as a whole, by one
//! link, so a reading is repeated until no exchange came between: half of a rotation is never seen. Refuses files that everybody
//! may read.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::held::BESIDE;
use super::{Secrets, SecretsError};
use crate::config::{Secret, registry};

/// More exchanges than this within one reading is not a rotation.
const ATTEMPTS: usize = 5;

/// The secrets that have a file.
///
/// # Errors
/// When the folder or a file cannot be read, or a file is open to everybody.
pub(super) fn read(path: &Path) -> Result<Secrets, SecretsError> {
    let refuse = |problem: String| SecretsError::Folder {
        path: path.display().to_string(),
        problem,
    };
    for _ in 0..ATTEMPTS {
        let before = generation(path);
        let read = read_once(path);
        if generation(path) == before {
            return read.map_err(refuse);
        }
    }
    Err(refuse("it changes all the time".into()))
}

/// What the mount's link leads to; None for a folder that is not exchanged as a whole.
fn generation(path: &Path) -> Option<PathBuf> {
    std::fs::read_link(path.join("..data")).ok()
}

fn read_once(path: &Path) -> Result<Secrets, String> {
    std::fs::read_dir(path).map_err(|error| error.to_string())?;
    let names = registry::VARIABLES.iter().map(|variable| variable.name);
    let secrets = names.filter(|name| registry::is_secret(name));
    secrets
        .chain(BESIDE)
        .filter_map(|name| {
            let value = read_file(&path.join(name)).transpose()?;
            Some(value.map(|value| (name.to_owned(), value)))
        })
        .collect()
}

fn read_file(path: &Path) -> Result<Option<Secret>, String> {
    let name = path.display();
    let metadata = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| format!("{name}: {error}"))?,
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(format!("{name}: its mode {mode:04o} lets everybody in"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
}
