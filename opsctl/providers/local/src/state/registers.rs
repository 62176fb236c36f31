//! Registers: a folder of numbered generations, of which the highest counts.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use opsctl_core::state::Generation;

use super::durable;

/// How a folder is recognised as a register.
pub const SUFFIX: &str = ".register";

/// How many old generations stay, for whoever wants to see what was before.
const KEPT: u64 = 2;

/// The highest generation and its content; `(0, None)` when there is none.
pub fn load(folder: &Path) -> io::Result<(Generation, Option<Vec<u8>>)> {
    loop {
        let Some(newest) = generations(folder)?.pop() else {
            return Ok((0, None));
        };
        match fs::read(file(folder, newest)) {
            Ok(bytes) => return Ok((newest, Some(bytes))),
            // Somebody wrote twice meanwhile and cleared this generation away: look again.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes the generation after `expected`; `None` when somebody else was first.
pub fn swap(folder: &Path, expected: Generation, bytes: &[u8]) -> io::Result<Option<Generation>> {
    let newest = generations(folder)?.pop().unwrap_or(0);
    if newest != expected {
        return Ok(None);
    }
    let next = expected + 1;
    match durable::create_new(&file(folder, next), bytes) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
        other => other?,
    }
    let present = generations(folder)?;
    if present.last() != Some(&next) {
        // Others went past us between our look and our link, and cleared that number away.
        // Ours was never the highest, so nobody read it.
        remove(folder, next)?;
        return Ok(None);
    }
    for old in present.into_iter().filter(|old| old + KEPT < next) {
        remove(folder, old)?;
    }
    Ok(Some(next))
}

fn generations(folder: &Path) -> io::Result<Vec<Generation>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".json"));
        numbers.extend(number.and_then(|number| number.parse::<Generation>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn file(folder: &Path, generation: Generation) -> std::path::PathBuf {
    folder.join(format!("{generation:010}.json"))
}

fn remove(folder: &Path, generation: Generation) -> io::Result<()> {
    match fs::remove_file(file(folder, generation)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
