//! Where manifests are read from, as a trait: a folder for an operator, a map for a test.

use std::collections::BTreeMap;

use crate::failure::Result;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    File(String),
    Folder,
    Absent,
}

/// Files by their paths from one root, parted by `/`.
pub trait Files {
    /// What stands there.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is no text.
    fn at(&self, path: &str) -> Result<Entry>;
}

impl Files for BTreeMap<String, String> {
    fn at(&self, path: &str) -> Result<Entry> {
        if let Some(text) = self.get(path) {
            return Ok(Entry::File(text.clone()));
        }
        let below = format!("{path}/");
        let is_folder = self
            .range(below.clone()..)
            .next()
            .is_some_and(|(file, _)| file.starts_with(&below));
        Ok(if is_folder {
            Entry::Folder
        } else {
            Entry::Absent
        })
    }
}
