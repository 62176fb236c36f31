//! The AWS provider's schema behind a provider without AWS: built by Go, its schema taken from the package in which npm
//! carries it. Nothing of that package is kept in the repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::{child, golang::Module, settings};
use crate::terminal::say;

/// Whose schema it is: the package is made from AWS provider 6.25.0.
const PACKAGE: &str = "@cdktf/provider-aws@21.22.1";
/// What npm must hand over, to the bit.
const DIGEST: &str = "d1446ab6ac6526c6fab4b28a5ebefdd90c0ce56203949925d35a4d286c05cbbf";
/// What `extract` writes beside the program.
const SCHEMA: &str = "schema.json.gz";

macro_rules! source {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../aws-provider-stub/", $name)),
        )
    };
}

/// Terraform looks for a program of this name.
const PROVIDER: Module = Module {
    name: "terraform-provider-aws",
    files: &[
        source!("go.mod"),
        source!("go.sum"),
        source!("main.go"),
        source!("schema.go"),
        source!("javascript.go"),
        source!("extract.go"),
        source!("known.go"),
        source!("provider.go"),
        source!("resources.go"),
    ],
    flags: &["-ldflags", "-s -w"],
    package: ".",
};

/// The folder with the provider, its schema beside it.
///
/// # Errors
/// When Go or npm is missing, or npm hands over something else.
pub fn require() -> Result<PathBuf> {
    let program = PROVIDER
        .built()
        .context("the AWS schema's provider needs Go: install Go")?;
    let folder = program
        .parent()
        .context("a program lies in no folder")?
        .to_owned();
    let schema = folder.join(SCHEMA);
    if !is_newer(&schema, &program) {
        extract(&program, &schema)?;
    }
    Ok(folder)
}

/// Another program may take other things out of the package.
fn is_newer(schema: &Path, program: &Path) -> bool {
    let changed = |path| fs::metadata(path).and_then(|it| it.modified()).ok();
    changed(schema).is_some_and(|schema| Some(schema) > changed(program))
}

fn extract(program: &Path, schema: &Path) -> Result<()> {
    let package = fetched()?;
    say("taking the AWS provider's schema out of its package");
    let mut extract = Command::new(program);
    child::run(extract.arg("extract").arg(package).arg(schema))
}

/// The package as npm packs it, kept in the tools folder.
fn fetched() -> Result<PathBuf> {
    let folder = settings::tools_folder().join("aws-provider-schema");
    let archive = folder.join("package.tgz");
    if is_right(&archive) {
        return Ok(archive);
    }
    fs::create_dir_all(&folder)?;
    say(&format!(
        "{PACKAGE} is missing: fetching it with npm into {}",
        folder.display()
    ));
    let mut pack = Command::new("npm");
    pack.current_dir(&folder)
        .args(["pack", "--silent", PACKAGE]);
    let told = child::output(&mut pack)
        .with_context(|| format!("{PACKAGE} is missing: install npm, which fetches it"))?;
    let name = String::from_utf8(told)?;
    fs::rename(folder.join(name.trim()), &archive)?;
    ensure!(
        is_right(&archive),
        "npm handed over another {PACKAGE} than the one of digest {DIGEST}"
    );
    Ok(archive)
}

fn is_right(archive: &Path) -> bool {
    fs::read(archive).is_ok_and(|bytes| hex::encode(Sha256::digest(bytes)) == DIGEST)
}
