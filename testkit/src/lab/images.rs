//! Images of one static program: as an archive that a node loads, or as the documents that a registry keeps.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, Header};

/// Where Debian keeps whom it trusts. A client of AWS does not start without.
const TRUSTED: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A program that needs nothing else, alone in its image.
#[derive(Debug, Clone)]
pub struct Image {
    layer: Vec<u8>,
    configuration: Vec<u8>,
}

impl Image {
    /// The program becomes the entry point, at the root of the image.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(program: &Path) -> Result<Self> {
        Self::with(program, &[])
    }

    /// A program that was linked for this machine, with the libraries that it is linked to, and whom this machine trusts.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub fn of_this_machine(program: &Path) -> Result<Self> {
        let output = Command::new("ldd").arg(program).output()?;
        let told = String::from_utf8(output.stdout)?;
        let words = told.split_whitespace();
        let libraries: Vec<PathBuf> = words
            .filter(|word| word.starts_with('/'))
            .map(PathBuf::from)
            .collect();
        let trusted = PathBuf::from(TRUSTED).exists().then(|| TRUSTED.into());
        let files: Vec<PathBuf> = libraries.into_iter().chain(trusted).collect();
        Self::with(program, &files)
    }

    fn with(program: &Path, libraries: &[PathBuf]) -> Result<Self> {
        let command = program.file_name().unwrap_or_default().to_string_lossy();
        let mut layer = Builder::new(Vec::new());
        add(&mut layer, &command, 0o755, &fs::read(program)?)?;
        for library in libraries {
            let name = library.strip_prefix("/")?.to_string_lossy();
            add(&mut layer, &name, 0o755, &fs::read(library)?)?;
        }
        let layer = layer.into_inner()?;
        let configuration = serde_json::to_vec(&json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": [format!("/{command}")]},
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        }))?;
        Ok(Self {
            layer,
            configuration,
        })
    }

    /// The same, saying this of itself.
    ///
    /// # Errors
    /// Never: the configuration is a document of ours.
    pub fn labelled(mut self, labels: &[(&str, &str)]) -> Result<Self> {
        let mut configuration: serde_json::Value = serde_json::from_slice(&self.configuration)?;
        for (name, value) in labels {
            configuration["config"]["Labels"][*name] = (*value).into();
        }
        self.configuration = serde_json::to_vec(&configuration)?;
        Ok(self)
    }

    /// Writes it as an archive that containerd imports under this name.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn archive(&self, archive: &Path, name: &str) -> Result<()> {
        let manifest =
            json!([{"Config": "image.json", "RepoTags": [name], "Layers": ["layer.tar"]}]);
        let mut image = Builder::new(File::create(archive)?);
        for (file, bytes) in [
            ("layer.tar", &self.layer),
            ("image.json", &self.configuration),
            ("manifest.json", &serde_json::to_vec(&manifest)?),
        ] {
            add(&mut image, file, 0o644, bytes)?;
        }
        image.into_inner()?.sync_all()?;
        Ok(())
    }

    /// What a registry is given before the manifest.
    pub(super) fn blobs(&self) -> [&[u8]; 2] {
        [&self.layer, &self.configuration]
    }

    /// What names the blobs.
    pub(super) fn manifest(&self) -> Result<Vec<u8>> {
        let kind = |of: &str| format!("application/vnd.oci.image.{of}");
        let blob = |of: &str, bytes: &[u8]| json!({"mediaType": kind(of), "digest": digest(bytes), "size": bytes.len()});
        Ok(serde_json::to_vec(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": blob("config.v1+json", &self.configuration),
            "layers": [blob("layer.v1.tar", &self.layer)],
        }))?)
    }
}

/// An image out of a folder in the OCI image layout.
#[derive(Debug)]
pub(super) struct Layout {
    pub blobs: Vec<Vec<u8>>,
    pub manifest: Vec<u8>,
}

impl Layout {
    /// The image that has a name there; what is attached to it stays behind.
    pub fn read(folder: &Path) -> Result<Self> {
        let blob = |descriptor: &Value| -> Result<Vec<u8>> {
            let digest = descriptor["digest"].as_str().context("a digest")?;
            let path = folder.join("blobs").join(digest.replace(':', "/"));
            fs::read(&path).with_context(|| path.display().to_string())
        };
        let index: Value = serde_json::from_slice(&fs::read(folder.join("index.json"))?)?;
        let manifests = index["manifests"].as_array().into_iter().flatten();
        let named = |it: &&Value| it["annotations"][NAME].is_string();
        let image = manifests
            .clone()
            .find(named)
            .context("no image has a name there")?;
        let manifest = blob(image)?;
        let parts: Value = serde_json::from_slice(&manifest)?;
        let layers = parts["layers"].as_array().into_iter().flatten();
        let blobs = layers.chain([&parts["config"]]).map(blob);
        Ok(Self {
            blobs: blobs.collect::<Result<_>>()?,
            manifest,
        })
    }
}

/// What an image is called in its folder.
const NAME: &str = "org.opencontainers.image.ref.name";

/// The kind of document that a manifest is.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What contents are called by.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn add(archive: &mut Builder<impl Write>, name: &str, mode: u32, bytes: &[u8]) -> Result<()> {
    let mut header = Header::new_ustar();
    header.set_mode(mode);
    header.set_size(u64::try_from(bytes.len())?);
    archive.append_data(&mut header, name, bytes)?;
    Ok(())
}
