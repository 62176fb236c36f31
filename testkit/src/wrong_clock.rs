//! Clocks that are wrong: a library that is loaded into a program and tells it another time. What the program measures with its
//! own stopwatch stays right, as on a machine whose clock was set.
//!
//! Never installs anything.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// Where Debian puts it, below a folder of the machine's kind.
const PLACE: &str = "faketime/libfaketime.so.1";

/// The library.
///
/// # Errors
/// One line that says what to install where there is none.
pub fn library() -> Result<PathBuf> {
    let kinds = std::fs::read_dir("/usr/lib").into_iter().flatten();
    let folders = kinds.filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .chain([PathBuf::from("/usr/local/lib")])
        .map(|folder| folder.join(PLACE))
        .find(|file| file.is_file())
        .context("no libfaketime on this machine: run `apt-get install -y faketime`")
}

/// What a program is started with whose clock is off by `shift`, such as `+45s`.
pub fn variables<'a>(library: &'a str, shift: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("LD_PRELOAD", library),
        ("FAKETIME", shift),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]
}
