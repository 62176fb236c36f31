//! Images of one static program, for a node that has nowhere to pull from.

use std::fs::{self, File};
use std::path::Path;

use anyhow::Result;
use serde_json::json;
use sha2::{Digest, Sha256};
use tar::{Builder, Header};

/// Writes an image whose only file is the program, as an archive that containerd imports.
pub fn write(archive: &Path, name: &str, program: &Path) -> Result<()> {
    let command = program.file_name().unwrap_or_default().to_string_lossy();
    let mut layer = Builder::new(Vec::new());
    add(&mut layer, &command, 0o755, &fs::read(program)?)?;
    let layer = layer.into_inner()?;
    let configuration = serde_json::to_vec(&json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": [format!("/{command}")]},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", digest(&layer))]},
    }))?;
    let file = format!("{}.json", digest(&configuration));
    let manifest = json!([{"Config": file, "RepoTags": [name], "Layers": ["layer.tar"]}]);
    let mut image = Builder::new(File::create(archive)?);
    add(&mut image, "layer.tar", 0o644, &layer)?;
    add(&mut image, &file, 0o644, &configuration)?;
    add(
        &mut image,
        "manifest.json",
        0o644,
        &serde_json::to_vec(&manifest)?,
    )?;
    image.into_inner()?.sync_all()?;
    Ok(())
}

fn add(
    archive: &mut Builder<impl std::io::Write>,
    name: &str,
    mode: u32,
    bytes: &[u8],
) -> Result<()> {
    let mut header = Header::new_ustar();
    header.set_mode(mode);
    header.set_size(u64::try_from(bytes.len())?);
    archive.append_data(&mut header, name, bytes)?;
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
