//! A value that somebody gives: read from a file or from stdin, and shown nowhere.

use std::io::Read;
use std::path::Path;

use opsctl_core::ports::SecretValue;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

/// Longer is no secret, but a file that was named by mistake.
const MOST: u64 = 64 * 1024;

/// Reads it; the last line's end is no part of it.
///
/// # Errors
/// When it can't be read, is empty or too long.
pub fn read(from: &Path) -> Result<SecretValue> {
    let failed = |error| Failure::usage(format!("can't read {}", from.display())).because(error);
    let mut text = String::new();
    let read = match from.as_os_str() == "-" {
        true => std::io::stdin().take(MOST + 1).read_to_string(&mut text),
        false => {
            std::fs::File::open(from).and_then(|file| file.take(MOST + 1).read_to_string(&mut text))
        }
    };
    let length = read.map_err(failed)?;
    if length as u64 > MOST {
        return Err(Failure::usage(format!(
            "{} is longer than a secret",
            from.display()
        )));
    }
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Failure::usage(format!("{} is empty", from.display())));
    }
    Ok(SecretValue::Text(Secret::new(text.to_owned())))
}
