//! Reads `SECRETS_FILE`. Refuses one that others may read; never writes it, never repeats what is in it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Secrets, SecretsError};
use crate::config::Secret;

/// The secrets by the names of their environment variables.
///
/// # Errors
/// When the file cannot be read, is open to others, or is not a JSON object of strings.
pub(super) fn read(path: &Path) -> Result<Secrets, SecretsError> {
    let refuse = |problem: String| SecretsError::File {
        path: path.display().to_string(),
        problem,
    };
    let metadata = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refuse(format!("its mode {mode:04o} lets others in")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    parse(&text).map_err(refuse)
}

/// serde's own message would quote the text around the mistake, which is a secret here.
pub(super) fn parse(text: &str) -> Result<Secrets, String> {
    let values: BTreeMap<String, String> = serde_json::from_str(text)
        .map_err(|error| format!("not a JSON object of strings (line {})", error.line()))?;
    Ok(values
        .into_iter()
        .map(|(name, value)| (name, Secret::new(value)))
        .collect())
}
