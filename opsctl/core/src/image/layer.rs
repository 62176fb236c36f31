//! The one layer of an image: a tar that depends on its content alone, and its compression.
//!
//! Whatever a file system adds by chance (order, times, owners) is left out: the same files give the same bytes. Never
//! reads a file.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use super::{Descriptor, Digest, media_type};
use crate::failure::{Failure, Result};

/// Who owns everything and runs the program: an account that is nobody's, above all that systems give out.
pub const NOBODY: u64 = 65_532;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File {
        /// Its content.
        bytes: Vec<u8>,
        /// Who may do what with it.
        mode: FileMode,
    },
    /// A folder that would not be there for the sake of a file.
    Folder {
        /// Who may do what in it.
        mode: FileMode,
    },
}

/// The modes that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// Everybody may read it.
    Readable,
    /// Everybody may run it, or look into it.
    Runnable,
    /// A folder where everybody may leave something (`/tmp`).
    Shared,
}

impl FileMode {
    const fn bits(self) -> u32 {
        match self {
            Self::Readable => 0o444,
            Self::Runnable => 0o555,
            Self::Shared => 0o1777,
        }
    }
}

/// The files of an image, by their paths without the first slash: sorted, whatever order they came in.
pub type Files = BTreeMap<String, Entry>;

/// A packed layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What a registry holds.
    pub bytes: Vec<u8>,
    /// Its descriptor.
    pub descriptor: Descriptor,
    /// The digest of the tar before it was compressed.
    pub diff_id: Digest,
    /// The length of that tar.
    pub unpacked_bytes: u64,
}

impl Layer {
    /// Packs the files.
    ///
    /// # Errors
    /// When a path is too long for a tar.
    pub fn pack(files: &Files) -> Result<Self> {
        let failed = |error: std::io::Error| Failure::failed("can't pack the layer").because(error);
        // No name, no time, no system: the compressed stream says nothing about where it was made.
        let out = GzBuilder::new()
            .mtime(0)
            .operating_system(255)
            .write(Vec::new(), Compression::best());
        let mut tar = tar::Builder::new(Summed {
            out,
            sum: Sha256::new(),
            length: 0,
        });
        for (path, entry) in with_folders(files) {
            add(&mut tar, &path, &entry).map_err(failed)?;
        }
        let summed = tar.into_inner().map_err(failed)?;
        let bytes = summed.out.finish().map_err(failed)?;
        Ok(Self {
            descriptor: Descriptor::of(media_type::LAYER, &bytes),
            bytes,
            diff_id: Digest::from_sum(&summed.sum.finalize()),
            unpacked_bytes: summed.length,
        })
    }
}

/// Sums what passes.
struct Summed<W> {
    out: W,
    sum: Sha256,
    length: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// The files with every folder above them, so that no runtime has to guess its mode.
fn with_folders(files: &Files) -> Files {
    let mut all = files.clone();
    for path in files.keys() {
        for (slash, _) in path.match_indices('/') {
            let folder = path[..slash].to_owned();
            all.entry(folder).or_insert(Entry::Folder {
                mode: FileMode::Runnable,
            });
        }
    }
    all
}

fn add<W: Write>(tar: &mut tar::Builder<W>, path: &str, entry: &Entry) -> std::io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_mtime(0);
    header.set_uid(NOBODY);
    header.set_gid(NOBODY);
    let (name, kind, mode, bytes): (_, _, _, &[u8]) = match entry {
        Entry::File { bytes, mode } => (path.to_owned(), EntryType::Regular, mode, bytes),
        Entry::Folder { mode } => (format!("{path}/"), EntryType::Directory, mode, &[]),
    };
    header.set_entry_type(kind);
    header.set_mode(mode.bits());
    header.set_size(bytes.len() as u64);
    header.set_path(&name)?;
    header.set_cksum();
    tar.append(&header, bytes)
}

/// Unpacks a layer of [`Layer::pack`]: the paths and what they hold, for whoever wants to look.
///
/// # Errors
/// When it is none.
pub fn unpacked(bytes: &[u8]) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut files = BTreeMap::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.insert(path, content);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Entry {
        Entry::File {
            bytes: text.as_bytes().to_vec(),
            mode: FileMode::Readable,
        }
    }

    #[test]
    fn the_same_files_in_any_order_give_the_same_bytes() {
        let files = [("b/two", "2"), ("a", "1"), ("b/one", "1")];
        let one: Files = files.map(|(path, text)| (path.into(), file(text))).into();
        let mut other = Files::new();
        for (path, text) in files.into_iter().rev() {
            other.insert(path.into(), file(text));
        }
        assert_eq!(Layer::pack(&one).unwrap(), Layer::pack(&other).unwrap());
        other.insert("a".into(), file("another"));
        assert_ne!(
            Layer::pack(&one).unwrap().diff_id,
            Layer::pack(&other).unwrap().diff_id
        );
    }

    /// Should a library ever pack otherwise, every image gets a new digest: somebody has to know.
    #[test]
    fn the_bytes_are_those_of_every_earlier_version() {
        let files: Files = [("etc/motd".to_owned(), file("hello\n"))].into();
        let layer = Layer::pack(&files).unwrap();
        insta::assert_snapshot!(
            format!("{} {}", layer.diff_id.short(), layer.descriptor.digest.short()),
            @"8d3ef6b1c001 b215d4ee1983"
        );
    }

    #[test]
    fn a_layer_holds_its_folders_before_their_files_and_nothing_of_this_machine() {
        let files: Files = [("usr/bin/app".to_owned(), file("binary"))].into();
        let layer = Layer::pack(&files).unwrap();
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(layer.bytes.as_slice()));
        let mut paths = Vec::new();
        for entry in tar.entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!(header.mtime().unwrap(), 0);
            assert_eq!(header.uid().unwrap(), NOBODY);
            assert_eq!(header.username().unwrap(), Some(""));
            paths.push(entry.path().unwrap().to_string_lossy().into_owned());
        }
        assert_eq!(paths, ["usr/", "usr/bin/", "usr/bin/app"]);
        assert_eq!(unpacked(&layer.bytes).unwrap()["usr/bin/app"], b"binary");
        assert!(layer.unpacked_bytes.is_multiple_of(512));
    }

    #[test]
    fn a_path_that_no_tar_can_hold_is_refused() {
        let files: Files = [("x".repeat(300), file(""))].into();
        assert!(Layer::pack(&files).is_err());
    }
}
