//! The secrets of a local environment: made once, readable by their owner alone.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use opsctl_core::{Failure, Result};
use opsctl_local::state::create_new;
use serde_json::json;
use uuid::Uuid;

/// The file that the service reads; made where there is none.
///
/// # Errors
/// When it can't be written.
pub fn file(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("secrets.json");
    let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let text = format!("{}\n", json!({ "JWT_SECRET": key }));
    match create_new(&path, text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(Failure::failed(format!("can't write {}", path.display())).because(error))
        }
        _ => Ok(path),
    }
}
