//! A folder in the OCI image layout: an image as files, named by their digests.
//!
//! It is written beside its place and moved there whole: a folder that is there is complete.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use opsctl_core::image::{
    Descriptor, Digest, Document, Image, Index, ManifestName, RawManifest, encoded,
};
use opsctl_core::ports::RegistryError;
use opsctl_core::{Failure, Result};

use crate::blobs::proven;

const INDEX: &str = "index.json";
const MARK: &str = "oci-layout";
/// The tag of an image, among the annotations of the index.
const NAME: &str = "org.opencontainers.image.ref.name";
/// The same with its repository, as containerd's import reads it.
const FULL_NAME: &str = "io.containerd.image.name";

/// How the image is called in the folder, for whoever imports it.
#[derive(Debug, Clone, Default)]
pub struct Called {
    /// The tag.
    pub tag: Option<String>,
    /// Repository and tag.
    pub name: Option<String>,
}

/// The files of an image in this layout, by their paths.
///
/// # Errors
/// Never: the documents are ours.
pub fn files(image: &Image, called: &Called) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut main = image.manifest.descriptor();
    for (key, value) in [(NAME, &called.tag), (FULL_NAME, &called.name)] {
        if let Some(value) = value {
            main.annotations.insert(key.to_owned(), value.clone());
        }
    }
    let index = Index::of(vec![main, image.sbom.descriptor()]);
    let mut files: BTreeMap<String, Vec<u8>> = [
        (
            MARK.to_owned(),
            b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
        ),
        (INDEX.to_owned(), encoded(&index)?),
    ]
    .into();
    for raw in [&image.manifest, &image.sbom] {
        files.insert(path(&raw.digest()), raw.bytes.clone());
    }
    for (digest, bytes) in &image.blobs {
        files.insert(path(digest), bytes.clone());
    }
    Ok(files)
}

/// Writes the folder, in place of one that is there.
///
/// # Errors
/// When there is no room; then nothing is left behind, and a folder that was there stays as it was.
pub fn write(folder: &Path, image: &Image, called: &Called) -> Result<()> {
    let shown = folder.display();
    let failed = |error: std::io::Error| {
        Failure::failed(format!("the image can't be written to {shown}"))
            .because(error)
            .left("nothing was written")
    };
    let above = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(failed)?;
    let beside = tempfile::Builder::new()
        .prefix(".image-")
        .tempdir_in(above)
        .map_err(failed)?;
    for (name, bytes) in files(image, called)? {
        let file = beside.path().join(name);
        fs::create_dir_all(file.parent().unwrap_or(above)).map_err(failed)?;
        let mut file = fs::File::create(file).map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        file.sync_all().map_err(failed)?;
    }
    replace(beside, folder).map_err(failed)
}

/// Writes the folder packed into one file, as importers take it.
///
/// # Errors
/// When there is no room; then nothing is left behind, and a file that was there stays as it was.
pub fn pack(file: &Path, image: &Image, called: &Called) -> Result<()> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!("the image can't be written to {}", file.display()))
            .because(error)
            .left("nothing was written")
    };
    let above = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(failed)?;
    let beside = tempfile::NamedTempFile::new_in(above).map_err(failed)?;
    let mut tar = tar::Builder::new(beside.as_file());
    for (name, bytes) in files(image, called)? {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(bytes.len() as u64);
        let added = tar.append_data(&mut header, name, bytes.as_slice());
        added.map_err(failed)?;
    }
    tar.finish().map_err(failed)?;
    drop(tar);
    beside.as_file().sync_all().map_err(failed)?;
    let kept = beside.persist(file);
    kept.map_err(|error| failed(error.error))?;
    Ok(())
}

fn replace(beside: tempfile::TempDir, folder: &Path) -> std::io::Result<()> {
    if folder.join(INDEX).is_file() {
        fs::remove_dir_all(folder)?;
    }
    fs::rename(beside.keep(), folder)
}

fn path(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn local(what: &Path, error: &std::io::Error) -> RegistryError {
    match error.kind() {
        std::io::ErrorKind::NotFound => RegistryError::NotFound(what.display().to_string()),
        _ => RegistryError::Local {
            what: format!("{} can't be read", what.display()),
            why: error.to_string(),
        },
    }
}

fn index(folder: &Path) -> std::result::Result<Index, RegistryError> {
    let file = folder.join(INDEX);
    let bytes = fs::read(&file).map_err(|error| local(&file, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| RegistryError::Local {
        what: format!("{} is no index of an image", file.display()),
        why: error.to_string(),
    })
}

/// A manifest of the folder.
///
/// # Errors
/// When it is not there, or not what its digest says.
pub fn manifest(
    folder: &Path,
    name: &ManifestName,
) -> std::result::Result<RawManifest, RegistryError> {
    let index = index(folder)?;
    let named = |one: &&Descriptor| match name {
        ManifestName::Digest(digest) => one.digest == *digest,
        ManifestName::Tag(tag) => {
            one.annotations.get(NAME).map(String::as_str) == Some(tag.as_str())
        }
    };
    let found = index.manifests.iter().find(named);
    let found =
        found.ok_or_else(|| RegistryError::NotFound(format!("{name} in {}", folder.display())))?;
    Ok(RawManifest {
        media_type: found.media_type.clone(),
        bytes: blob(folder, found)?,
    })
}

/// A blob of the folder, whole and proven.
///
/// # Errors
/// When it is not there, or not what its digest says.
pub fn blob(folder: &Path, blob: &Descriptor) -> std::result::Result<Vec<u8>, RegistryError> {
    let file = place(folder, blob);
    let bytes = fs::read(&file).map_err(|error| local(&file, &error))?;
    proven(&blob.digest, &Digest::of(&bytes))?;
    Ok(bytes)
}

/// `length` bytes of a blob from `from` on; fewer at its end.
///
/// # Errors
/// When it is not there.
pub fn part(
    folder: &Path,
    blob: &Descriptor,
    from: u64,
    length: u64,
) -> std::result::Result<Vec<u8>, RegistryError> {
    let file = place(folder, blob);
    let read = || {
        let mut open = fs::File::open(&file)?;
        open.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        open.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| local(&file, &error))
}

/// The manifests of the folder whose subject is `image`.
///
/// # Errors
/// When one can't be read.
pub fn attached(
    folder: &Path,
    image: &Digest,
) -> std::result::Result<Vec<Descriptor>, RegistryError> {
    let mut found = Vec::new();
    for one in index(folder)?.manifests {
        let raw = manifest(folder, &ManifestName::Digest(one.digest.clone()))?;
        if let Ok(Document::Manifest(document)) = raw.document()
            && document.subject.is_some_and(|it| it.digest == *image)
        {
            found.push(one);
        }
    }
    Ok(found)
}

fn place(folder: &Path, blob: &Descriptor) -> PathBuf {
    folder.join(path(&blob.digest))
}
