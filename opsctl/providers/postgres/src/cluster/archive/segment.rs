//! One file of the log: into the archive and out of it.
//!
//! A stored file is a zstd stream that begins with a skippable frame: a small JSON head with name, size and
//! SHA-256 of the content. Head and content are one file, so that one link puts both in place; `zstd -d`
//! reads it as well.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

use super::name::WalFile;
use crate::cluster::durable::{At, sync_folder};

/// The first of the magic numbers that zstd decoders skip over.
const SKIPPABLE: [u8; 4] = [0x50, 0x2A, 0x4D, 0x18];
/// A head is a few hundred bytes; more is damage.
const HEAD_LIMIT: usize = 4096;
/// The log compresses well already at the quickest level.
const LEVEL: i32 = 1;

/// What is said of a stored file, at its beginning.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Head {
    version: u32,
    name: String,
    size: u64,
    sha256: String,
}

/// What archiving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveOutcome {
    /// The file is stored now.
    Stored,
    /// It was there, with the same content.
    AlreadyThere,
}

/// Where a file of the log is stored.
pub(crate) fn stored_as(archive: &Path, name: &str) -> PathBuf {
    archive.join(format!("{name}.zst"))
}

/// Stores one file of the log durably. Archiving the same content again is fine; another content under a
/// name that is taken is refused: it would be another history.
///
/// # Errors
/// When the disk is full, the name is taken by another content, or the stored file is damaged.
pub fn archive_segment(source: &Path, archive: &Path) -> Result<ArchiveOutcome> {
    let name = file_name(source);
    WalFile::parse(&name)?;
    let content = fs::read(source).at("read", source)?;
    let head = Head {
        version: 1,
        size: content.len() as u64,
        sha256: hex::encode(Sha256::digest(&content)),
        name,
    };
    let place = stored_as(archive, &head.name);
    if place.exists() {
        return compare(&place, &head);
    }
    let stored = encode(&head, &content)
        .map_err(|error| Failure::failed("a segment can't be compressed").because(error))?;
    put_in_place(archive, &place, &stored, &head)
}

fn put_in_place(
    archive: &Path,
    place: &Path,
    stored: &[u8],
    head: &Head,
) -> Result<ArchiveOutcome> {
    let mut file = tempfile::Builder::new()
        .prefix(".storing-")
        .tempfile_in(archive)
        .at("create a file in", archive)?;
    file.write_all(stored).at("write to", archive)?;
    file.as_file().sync_all().at("sync", place)?;
    // A link refuses where a rename would replace.
    match fs::hard_link(file.path(), place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return compare(place, head),
        linked => linked.at("put in place", place)?,
    }
    sync_folder(archive)?;
    Ok(ArchiveOutcome::Stored)
}

fn compare(place: &Path, head: &Head) -> Result<ArchiveOutcome> {
    let content = read_segment(place)?;
    if hex::encode(Sha256::digest(&content)) == head.sha256 {
        return Ok(ArchiveOutcome::AlreadyThere);
    }
    Err(Failure::refused(format!(
        "{} is archived already, with another content",
        head.name
    ))
    .cause("two servers write to one archive, or a server was set back by hand")
    .left(format!("{} is kept as it was", place.display())))
}

/// Brings one file of the log back, checked against its sum, durably and as a whole.
///
/// # Errors
/// When it isn't archived, or is damaged: the failure names it.
pub fn restore_segment(name: &str, archive: &Path, target: &Path) -> Result<()> {
    WalFile::parse(name)?;
    let place = stored_as(archive, name);
    if !place.exists() {
        return Err(Failure::failed(format!("{name} is not in the archive")));
    }
    let content = read_segment(&place)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".restoring-")
        .tempfile_in(folder)
        .at("create a file in", folder)?;
    file.write_all(&content).at("write", target)?;
    file.as_file().sync_all().at("sync", target)?;
    file.persist(target)
        .map_err(|error| error.error)
        .at("put in place", target)?;
    Ok(())
}

/// The content of a stored file, checked against its head.
pub(crate) fn read_segment(place: &Path) -> Result<Vec<u8>> {
    let name = file_name(place);
    let name = name.strip_suffix(".zst").unwrap_or(&name);
    let damaged = |why: String| {
        Failure::failed(format!("{name} is damaged in the archive"))
            .cause(why)
            .left(format!("{} is as it was found", place.display()))
    };
    let mut reader = BufReader::new(File::open(place).at("read", place)?);
    let head = read_head(&mut reader).map_err(|error| damaged(error.to_string()))?;
    if head.name != name {
        return Err(damaged(format!("it says that it is {}", head.name)));
    }
    let mut content = Vec::new();
    zstd::stream::read::Decoder::with_buffer(reader)
        // One byte more than said is enough to see that it is too long.
        .and_then(|decoder| decoder.take(head.size + 1).read_to_end(&mut content))
        .map_err(|error| damaged(error.to_string()))?;
    if content.len() as u64 != head.size {
        return Err(damaged(format!(
            "{} bytes, not {}",
            content.len(),
            head.size
        )));
    }
    if hex::encode(Sha256::digest(&content)) != head.sha256 {
        return Err(damaged("its content does not match its SHA-256".into()));
    }
    Ok(content)
}

fn read_head(reader: &mut impl Read) -> io::Result<Head> {
    let mut fixed = [0u8; 8];
    reader.read_exact(&mut fixed)?;
    let length = u32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]) as usize;
    if fixed[..4] != SKIPPABLE || length > HEAD_LIMIT {
        return Err(io::Error::other("it does not begin with a head"));
    }
    let mut json = vec![0u8; length];
    reader.read_exact(&mut json)?;
    serde_json::from_slice(&json).map_err(io::Error::other)
}

fn encode(head: &Head, content: &[u8]) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(head).map_err(io::Error::other)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    let mut stored = Vec::with_capacity(content.len() / 2);
    stored.extend(SKIPPABLE);
    stored.extend(length.to_le_bytes());
    stored.extend(json);
    zstd::stream::copy_encode(content, &mut stored, LEVEL)?;
    Ok(stored)
}

/// Writes a private file, whatever the mask says.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .at("write", path)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NAME: &str = "000000010000000000000002";

    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive");
        fs::create_dir(&archive).unwrap();
        let source = folder.path().join(NAME);
        fs::write(&source, vec![7u8; 100_000]).unwrap();
        (folder, source, archive)
    }

    #[test]
    fn what_goes_in_comes_out() {
        let (folder, source, archive) = place();
        assert_eq!(
            archive_segment(&source, &archive).unwrap(),
            ArchiveOutcome::Stored
        );
        let target = folder.path().join("back");
        restore_segment(NAME, &archive, &target).unwrap();
        assert_eq!(fs::read(target).unwrap(), fs::read(source).unwrap());
        let stored = fs::metadata(stored_as(&archive, NAME)).unwrap().len();
        assert!(stored < 1000, "not compressed: {stored} bytes");
    }

    #[test]
    fn the_same_content_again_is_fine_and_another_is_refused() {
        let (_folder, source, archive) = place();
        archive_segment(&source, &archive).unwrap();
        assert_eq!(
            archive_segment(&source, &archive).unwrap(),
            ArchiveOutcome::AlreadyThere
        );
        let before = fs::read(stored_as(&archive, NAME)).unwrap();
        fs::write(&source, vec![8u8; 100_000]).unwrap();
        let failure = archive_segment(&source, &archive).unwrap_err();
        assert!(failure.what.contains(NAME), "{failure}");
        assert_eq!(fs::read(stored_as(&archive, NAME)).unwrap(), before);
        assert_eq!(fs::read_dir(&archive).unwrap().count(), 1, "leftovers");
    }

    #[test]
    fn every_flipped_bit_is_found_and_named() {
        let (folder, source, archive) = place();
        archive_segment(&source, &archive).unwrap();
        let stored = stored_as(&archive, NAME);
        let whole = fs::read(&stored).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&stored, &damaged).unwrap();
            let target = folder.path().join("back");
            match restore_segment(NAME, &archive, &target) {
                Err(failure) => assert!(failure.what.contains(NAME), "{failure}"),
                // A few bits of the stream's frame carry no meaning; the content must be right then.
                Ok(()) => assert_eq!(fs::read(&target).unwrap(), fs::read(&source).unwrap()),
            }
        }
        fs::write(&stored, &whole[..whole.len() / 2]).unwrap();
        assert!(restore_segment(NAME, &archive, &folder.path().join("back")).is_err());
    }

    #[test]
    fn what_is_not_archived_is_named() {
        let (folder, _source, archive) = place();
        let target = folder.path().join("back");
        let failure = restore_segment(NAME, &archive, &target).unwrap_err();
        assert!(failure.what.contains(NAME), "{failure}");
        assert!(!target.exists());
    }
}
